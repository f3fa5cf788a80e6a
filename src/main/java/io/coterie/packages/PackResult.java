package io.coterie.packages;

import java.nio.file.Path;

/**
 * A package that was added to a registry's folder.
 *
 * @param sha256 of the archive, 64 lower-case hexadecimal digits
 * @param archive the file that was written
 */
public record PackResult(String name, String version, String sha256, Path archive) {}

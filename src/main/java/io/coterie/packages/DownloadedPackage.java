package io.coterie.packages;

import io.coterie.agent.AgentManifest;

/**
 * A package that passed every check and may be installed.
 *
 * @param manifest what the package holds, its instructions read in
 * @param registry where it came from, as that registry is written in {@code registry.urls}
 * @param sha256 of the archive, 64 lower-case hexadecimal digits
 */
public record DownloadedPackage(AgentManifest manifest, String registry, String sha256) {}

package io.coterie.packages;

/**
 * One package that a search found.
 *
 * @param registry where it is, as that registry is written in {@code registry.urls}; of a folder,
 *     its name alone
 */
public record FoundPackage(String name, String description, String version, String registry) {}

package io.coterie.packages;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.agent.AgentManifest;
import io.coterie.agent.AgentManifests;
import io.coterie.agent.ManifestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a package's archive has to be before an agent is made of it. Stateless. */
final class PackageArchive {
  static final String MANIFEST = "agent.json";

  /** Enough for the longest instructions in any script. */
  private static final int MAX_INSTRUCTIONS = 1 << 20;

  private PackageArchive() {}

  /** SHA-256 in lower-case hexadecimal. */
  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Checks the archive against what an index promised, the hash before anything else. */
  static AgentManifest read(byte[] zip, String name, PackageIndex.Entry promised)
      throws RefusedException {
    if (!sha256(zip).equals(promised.sha256())) {
      throw new RefusedException("the package is not the one in the index: its SHA-256 differs");
    }
    return read(zip, name, promised.version());
  }

  /** Checks the archive of one version of one package. */
  static AgentManifest read(byte[] zip, String name, String version) throws RefusedException {
    AgentManifest manifest = read(zip);
    if (!manifest.agentId().equals(name)) {
      throw new RefusedException("agent_id in " + MANIFEST + " is not " + name);
    }
    if (!manifest.version().equals(version)) {
      throw new RefusedException("version in " + MANIFEST + " is not " + version);
    }
    return manifest;
  }

  /** Checks an archive of which nothing is known beforehand. */
  static AgentManifest read(byte[] zip) throws RefusedException {
    if (zip.length > Limits.PACKAGE) {
      throw new RefusedException("the package is over " + (Limits.PACKAGE >> 20) + " MB");
    }
    return manifest(SafeZip.open(zip));
  }

  private static AgentManifest manifest(SafeZip zip) throws RefusedException {
    byte[] json = zip.read(MANIFEST, Limits.MANIFEST);
    if (json == null) {
      throw new RefusedException("the archive has no " + MANIFEST + " at its root");
    }
    JsonNode node = StrictJson.object(json, MANIFEST);
    // Read ahead, because the parser's function for files cannot refuse one.
    String file = node.path("instructions_file").asText("");
    byte[] instructions = zip.read(file, MAX_INSTRUCTIONS);
    String text = instructions == null ? null : StrictJson.text(instructions, "instructions_file");
    try {
      return AgentManifests.parse(node, named -> named.equals(file) ? text : null);
    } catch (ManifestException e) {
      throw new RefusedException("in " + MANIFEST + ", " + e.getMessage(), e);
    }
  }
}

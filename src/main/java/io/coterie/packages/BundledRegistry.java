package io.coterie.packages;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The packages that came with the server: resources under {@code /registry/}. */
final class BundledRegistry implements Registry {

  @Override
  public String url() {
    return "bundled:";
  }

  @Override
  public Optional<byte[]> read(String path, int maxBytes)
      throws RegistryException, RefusedException {
    try (InputStream in = BundledRegistry.class.getResourceAsStream("/registry/" + path)) {
      if (in == null) {
        return Optional.empty();
      }
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw Limits.tooLarge(maxBytes);
      }
      return Optional.of(bytes);
    } catch (IOException e) {
      throw RegistryException.unavailable("the registry could not be read", e);
    }
  }
}

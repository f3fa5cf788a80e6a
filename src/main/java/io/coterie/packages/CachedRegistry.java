package io.coterie.packages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Optional;

/**
 * Keeps the indexes of a remote registry for a minute. Only what was found is kept: neither an
 * error nor the absence of a name outlives its request.
 */
final class CachedRegistry implements Registry {
  private static final Duration KEPT = Duration.ofMinutes(1);
  private static final long MAX_BYTES = 16 << 20;

  private final Registry remote;
  private final Cache<String, byte[]> indexes;

  CachedRegistry(Registry remote, Ticker ticker) {
    this.remote = remote;
    this.indexes =
        Caffeine.newBuilder()
            .expireAfterWrite(KEPT)
            .maximumWeight(MAX_BYTES)
            .weigher((String path, byte[] bytes) -> bytes.length)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  @Override
  public String url() {
    return remote.url();
  }

  @Override
  public Optional<byte[]> read(String path, int maxBytes)
      throws RegistryException, RefusedException {
    boolean index = path.equals("index.json") || path.endsWith("/index.json");
    byte[] kept = index ? indexes.getIfPresent(path) : null;
    if (kept != null) {
      return Optional.of(kept);
    }
    // Not loaded under the cache's lock: a slow registry must not hold up another name.
    Optional<byte[]> read = remote.read(path, maxBytes);
    if (index) {
      read.ifPresent(bytes -> indexes.put(path, bytes));
    }
    return read;
  }
}

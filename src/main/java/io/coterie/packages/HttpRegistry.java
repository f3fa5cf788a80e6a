package io.coterie.packages;

import java.net.URI;
import java.util.Optional;

/** Any web server as a registry. */
final class HttpRegistry implements Registry {
  private final String url;
  private final URI base;
  private final HttpDownloads http;

  /**
   * @param url an http or https address, with or without a slash at its end
   * @throws IllegalArgumentException if it is no address
   */
  HttpRegistry(String url, HttpDownloads http) {
    this.url = url;
    this.base = URI.create(url.endsWith("/") ? url : url + "/");
    this.http = http;
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public Optional<byte[]> read(String path, int maxBytes)
      throws RegistryException, RefusedException {
    return http.get(base.resolve(path), maxBytes);
  }
}

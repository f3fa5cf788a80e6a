package io.coterie.openapi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The page that shows the OpenAPI document, and the scripts and styles it needs: all from the jar.
 * Their address has a version that changes with them, so that browsers may keep them. Thread-safe.
 */
final class ApiPage {

  /** One file of the page. */
  record File(String type, byte[] content) {}

  private record Source(String type, String resource) {}

  private static final String OURS = "/openapi/page/";

  /** The version is that of the dependency. */
  private static final String SWAGGER_UI = "/META-INF/resources/webjars/swagger-ui/5.34.1/";

  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  private static final Map<String, Source> SOURCES = new LinkedHashMap<>();

  static {
    add(SWAGGER_UI, "swagger-ui.css", STYLE);
    add(SWAGGER_UI, "swagger-ui-bundle.js", SCRIPT);
    add(OURS, "page.css", STYLE);
    add(OURS, "page.js", SCRIPT);
  }

  private String version;

  /** The page itself, with the addresses of its files. */
  byte[] html() {
    String html = new String(read(OURS + "page.html"), StandardCharsets.UTF_8);
    return html.replace("VERSION", version()).getBytes(StandardCharsets.UTF_8);
  }

  /** One of the page's files; empty where there is none of that name in that version. */
  Optional<File> file(String version, String name) {
    Source source = SOURCES.get(name);
    if (source == null || !version.equals(version())) {
      return Optional.empty();
    }
    return Optional.of(new File(source.type(), read(source.resource())));
  }

  /** Read when first asked for: a start does not pay for it. */
  private synchronized String version() {
    if (version == null) {
      byte[][] contents =
          SOURCES.values().stream().map(s -> read(s.resource())).toArray(byte[][]::new);
      version = Sha256.of(contents).substring(0, 16);
    }
    return version;
  }

  private static void add(String folder, String name, String type) {
    SOURCES.put(name, new Source(type, folder + name));
  }

  private static byte[] read(String resource) {
    try (InputStream in = ApiPage.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

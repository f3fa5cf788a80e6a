package io.coterie.packages;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A registry as others would run it: a web server of files, some of which answer with an error. */
final class PackageServer implements AutoCloseable {

  private record File(int status, byte[] content, String location) {}

  private final HttpServer server;
  private final Map<String, File> files = new ConcurrentHashMap<>();

  PackageServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A package that is all right, unless {@code extra} in its manifest makes it otherwise. */
  void add(String name, String version, String extra) {
    byte[] zip = zip(manifest(name, version, extra));
    index(name, version, PackageArchive.sha256(zip));
    put("/" + name + "/" + name + ".zip", 200, zip);
  }

  /** A package of two versions, both all right. */
  void addTwo(String name, String first, String second) {
    StringBuilder entries = new StringBuilder();
    for (String version : List.of(first, second)) {
      byte[] zip = zip(manifest(name, version, ""));
      String file = name + "-" + version + ".zip";
      put("/" + name + "/" + file, 200, zip);
      entries
          .append(entries.isEmpty() ? "" : ",")
          .append("{\"version\":\"%s\",\"file\":\"%s\"".formatted(version, file))
          .append(",\"sha256\":\"%s\"}".formatted(PackageArchive.sha256(zip)));
    }
    String index = "{\"name\":\"%s\",\"versions\":[%s]}".formatted(name, entries);
    put("/" + name + "/index.json", 200, index.getBytes(StandardCharsets.UTF_8));
  }

  void index(String name, String version, String sha256) {
    String index =
        "{\"name\":\"%s\",\"versions\":[{\"version\":\"%s\",\"file\":\"%s.zip\",\"sha256\":\"%s\"}]}"
            .formatted(name, version, name, sha256);
    put("/" + name + "/index.json", 200, index.getBytes(StandardCharsets.UTF_8));
  }

  void put(String path, int status, byte[] content) {
    files.put(path, new File(status, content, null));
  }

  /** How many files there are. */
  int size() {
    return files.size();
  }

  void redirect(String path, String location) {
    files.put(path, new File(302, new byte[0], location));
  }

  static String manifest(String name, String version, String extra) {
    return "{\"agent_id\":\"%s\",\"version\":\"%s\",\"name\":\"Name\",\"description\":\"Describes.\",\"kind\":\"llm\",\"instructions\":\"Do.\"%s}"
        .formatted(name, version, extra);
  }

  static byte[] zip(String manifest) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry("agent.json");
      entry.setTime(0); // the same manifest is the same archive, whenever it is made
      zip.putNextEntry(entry);
      zip.write(manifest.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The same package in a folder, as {@code file:} registries have it. */
  static void addToFolder(Path registry, String name, String version) throws IOException {
    byte[] zip = zip(manifest(name, version, ""));
    Path folder = Files.createDirectories(registry.resolve(name));
    Files.write(folder.resolve(name + ".zip"), zip);
    Files.writeString(
        folder.resolve("index.json"),
        "{\"name\":\"%s\",\"versions\":[{\"version\":\"%s\",\"file\":\"%s.zip\",\"sha256\":\"%s\"}]}"
            .formatted(name, version, name, PackageArchive.sha256(zip)));
  }

  private void answer(HttpExchange exchange) throws IOException {
    File file =
        files.getOrDefault(exchange.getRequestURI().getPath(), new File(404, new byte[0], null));
    if (file.location() != null) {
      exchange.getResponseHeaders().set("Location", file.location());
    }
    exchange.sendResponseHeaders(
        file.status(), file.content().length == 0 ? -1 : file.content().length);
    exchange.getResponseBody().write(file.content());
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

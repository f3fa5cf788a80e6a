package io.coterie.openapi;

import io.coterie.http.ApiException;
import io.coterie.http.ETags;
import io.coterie.http.Json;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;

/**
 * The server's own description, for programs (OpenAPI 3.1) and for people (a page that asks no
 * other host for anything). Both are made when they are first asked for. Thread-safe.
 */
public final class ApiDocsHandler {

  private record Content(String type, byte[] bytes, String tag) {
    static Content of(String type, byte[] bytes) {
      return new Content(type, bytes, Sha256.of(bytes).substring(0, 32));
    }
  }

  /** Tokens are typed into the page: no script but its own runs there, and nobody frames it. */
  private static final String POLICY =
      "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'";

  private final String version;
  private final ApiPage page = new ApiPage();
  private Content document;
  private Content html;

  /**
   * @param version the server's
   */
  public ApiDocsHandler(String version) {
    this.version = version;
  }

  /** The OpenAPI document. */
  public void document(Context ctx) {
    send(ctx, document());
  }

  /** The page; its links are relative, so that it works behind any path. */
  public void page(Context ctx) {
    if (ctx.path().endsWith("/")) {
      ctx.status(308).header("Location", "../docs");
      return;
    }
    ctx.header("Content-Security-Policy", POLICY).header("Referrer-Policy", "no-referrer");
    send(ctx, html());
  }

  /** A script or a style of the page. */
  public void file(Context ctx) {
    ApiPage.File file =
        page.file(ctx.pathParam("version"), ctx.pathParam("file"))
            .orElseThrow(() -> ApiException.notFound("Not found"));
    varies(ctx);
    ctx.header("Cache-Control", "public, max-age=31536000, immutable")
        .header("X-Content-Type-Options", "nosniff")
        .contentType(file.type())
        .result(file.content());
  }

  private static void send(Context ctx, Content content) {
    varies(ctx);
    ctx.header("Cache-Control", "no-cache").header("X-Content-Type-Options", "nosniff");
    if (!ETags.isCurrent(ctx, content.tag())) {
      ctx.contentType(content.type()).result(content.bytes());
    }
  }

  /** Long answers are compressed for whoever takes that. */
  private static void varies(Context ctx) {
    ctx.res().addHeader("Vary", "Accept-Encoding");
  }

  private synchronized Content document() {
    if (document == null) {
      String json = Json.write(ApiDocument.of(version));
      document = Content.of("application/json", json.getBytes(StandardCharsets.UTF_8));
    }
    return document;
  }

  private synchronized Content html() {
    if (html == null) {
      html = Content.of("text/html; charset=utf-8", page.html());
    }
    return html;
  }
}

package io.coterie.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * A refusal as OpenAI's API tells it: beside the message a kind, the parameter that is wrong, and a
 * code for programs. Its clients choose their exceptions by the status.
 */
public final class OpenAiException extends ApiException {

  private static final long serialVersionUID = 1L;

  private final String param;
  private final String code;

  /**
   * @param param the parameter that is wrong, or null
   * @param code for programs, or null
   */
  public OpenAiException(
      int status, String msg, String param, String code, Map<String, String> headers) {
    super(status, msg, headers);
    this.param = param;
    this.code = code;
  }

  /** A 400 about a parameter. */
  public static OpenAiException invalid(String param, String msg) {
    return new OpenAiException(400, msg, param, null, Map.of());
  }

  /** Any refusal, in this form. */
  static OpenAiException of(ApiException e, String requestId) {
    if (e instanceof OpenAiException already) {
      return already;
    }
    String code =
        switch (e.status()) {
          case 401 -> "invalid_api_key";
          case 429 -> "rate_limit_exceeded";
          default -> null;
        };
    String msg = e.getMessage() + (e.status() == 500 ? " (request_id " + requestId + ")" : "");
    return new OpenAiException(e.status(), msg, null, code, e.headers());
  }

  /** The response's body, or what stands in a stream that had begun. */
  public ObjectNode body() {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.putObject("error")
        .put("message", getMessage())
        .put("type", type())
        .put("param", param)
        .put("code", code);
    return body;
  }

  private String type() {
    if (status() == 429) {
      return "rate_limit_error";
    }
    return status() >= 500 ? "server_error" : "invalid_request_error";
  }
}

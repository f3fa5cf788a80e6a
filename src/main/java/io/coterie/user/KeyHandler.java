package io.coterie.user;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Fields;
import io.coterie.http.Json;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A user's own API keys: making, listing, revoking. Thread-safe. */
public final class KeyHandler {

  private static final int MAX_NAME = 200;
  private static final Pattern LIFETIME = Pattern.compile("([0-9]{1,10})([smhdw]?)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "", Duration.ofSeconds(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7));
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final ApiKeys keys;
  private final BiConsumer<UUID, UUID> revoked;

  /**
   * @param revoked told of a key that was just revoked: its user, then the key
   */
  public KeyHandler(ApiKeys keys, BiConsumer<UUID, UUID> revoked) {
    this.keys = keys;
    this.revoked = revoked;
  }

  public void create(Context ctx) {
    Fields fields = Fields.of(ctx);
    String name = fields.required("name", MAX_NAME, "Missing name parameter").strip();
    Duration lifetime = fields.isMissing("expires_in") ? null : lifetime(fields.get("expires_in"));
    String workspace = fields.optional("workspace_id", MAX_NAME).orElse(null);
    UUID userId = Authentication.principal(ctx).userId();
    ObjectNode body = Json.MAPPER.createObjectNode().put("msg", "API key created");
    ctx.json(body.setAll(json(keys.create(userId, name, workspace, lifetime))));
  }

  public void list(Context ctx) {
    ctx.json(Map.of("keys", keys.ofUser(Authentication.principal(ctx).userId())));
  }

  public void revoke(Context ctx) {
    UUID userId = Authentication.principal(ctx).userId();
    revoked.accept(userId, keys.revoke(userId, ctx.pathParam("key_id")));
    ctx.json(Map.of("msg", "API key revoked"));
  }

  private static ObjectNode json(ApiKeys.Created created) {
    return Json.MAPPER.valueToTree(created);
  }

  /** From {@code "30d"}, or from seconds, be they a number or a string. */
  private static Duration lifetime(JsonNode value) {
    String text = value.isTextual() ? value.textValue().strip() : value.toString();
    Matcher matcher = LIFETIME.matcher(text);
    if (!value.isContainerNode() && matcher.matches()) {
      Duration lifetime =
          UNITS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
      if (!lifetime.isZero() && lifetime.compareTo(LONGEST) <= 0) {
        return lifetime;
      }
    }
    throw ApiException.badRequest(
        "expires_in must be a time such as 30d, 12h or 90m, or a number of seconds, at most 36500d");
  }
}

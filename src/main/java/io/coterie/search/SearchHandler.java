package io.coterie.search;

import io.coterie.http.Authentication;
import io.coterie.http.Fields;
import io.coterie.http.Params;
import io.coterie.http.Principal;
import io.coterie.storage.Database;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Finds messages by their words, for a key of one workspace in that alone. Thread-safe. */
public final class SearchHandler {

  private static final int DEFAULT_PAGE = 50;
  private static final int MAX_QUERY = 200;

  private final MessageSearch search;

  public SearchHandler(Database database, MessageGroups groups) {
    this.search = new MessageSearch(database, groups);
  }

  public void search(Context ctx) {
    String text = Params.required(ctx, "query", "Missing query parameter");
    Query query = new Query(Fields.checked("query", text, MAX_QUERY));
    int limit = Params.limit(ctx).orElse(DEFAULT_PAGE);
    UUID before = Params.id(ctx, "before", "Message not found").orElse(null);
    Principal user = Authentication.principal(ctx);
    MessageSearch.Page page = search.find(user.userId(), user.workspaceId(), query, before, limit);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("results", page.results());
    body.put("has_more", page.hasMore());
    ctx.json(body);
  }
}

package io.coterie.openai;

import io.coterie.agent.AgentCatalog;
import io.coterie.agent.AgentChooser;
import io.coterie.agent.AgentRunner;
import io.coterie.chat.GuestRuns;
import io.coterie.chat.RunObserver;
import io.coterie.chat.SseResponse;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.HangUps;
import io.coterie.http.OpenAiException;
import io.coterie.http.Principal;
import io.coterie.http.RequestBodies;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.coterie.usage.TokenQuota;
import io.coterie.usage.UsageLog;
import io.javalin.http.Context;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * This server for programs that speak the API of OpenAI: its list of models, and chat completions,
 * of which nothing is stored but what they cost. Errors are told as {@link OpenAiException} does.
 * Thread-safe.
 */
public final class OpenAiHandler {

  /** What it is built on. */
  public record Foundations(
      Database database,
      Clock clock,
      AgentCatalog catalog,
      AgentChooser chooser,
      AgentRunner runner,
      GuestRuns guests,
      UsageLog usage,
      TokenQuota quota,
      RunObserver observer,
      Function<Principal, SseResponse> streams,
      HangUps hangUps,
      Executor responders) {}

  private final Foundations on;
  private final OfferedModels models;

  public OpenAiHandler(Foundations on) {
    this.on = on;
    this.models =
        new OfferedModels(on.catalog(), on.chooser(), on.database(), on.clock().instant());
  }

  public void models(Context ctx) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("object", "list");
    body.put("data", models.all(Authentication.principal(ctx)));
    ctx.json(body);
  }

  public void model(Context ctx) {
    ctx.json(models.get(Authentication.principal(ctx), ctx.pathParam("model")));
  }

  /** A reply to a conversation that the client keeps. */
  public void complete(Context ctx) {
    CompletionRequest request = CompletionRequest.read(RequestBodies.take(ctx));
    Principal user = Authentication.principal(ctx);
    OfferedModels.Target target = models.choose(user, request.model(), request.text());
    checkQuota(user, target);
    if (!on.database().canStore()) {
      throw ApiException.cannotStore(); // What it costs is to be stored.
    }
    String id = Ids.next().toString();
    AgentRunner.Task task =
        new AgentRunner.Task(
            target.agentId(),
            user.userId(),
            id,
            target.text(),
            request::history,
            target::team,
            request.context());
    CompletionJson json = CompletionJson.of(id, on.clock().instant(), request.model());
    if (request.stream()) {
      stream(ctx, client -> completion(task, client), json, request);
    } else {
      whole(ctx, client -> completion(task, client), json);
    }
  }

  private Completion completion(AgentRunner.Task task, Completion.Client client) {
    return new Completion(on.runner(), on.usage(), on.quota(), on.observer(), task, client);
  }

  private void checkQuota(Principal user, OfferedModels.Target target) {
    try {
      if (on.runner().asksModel(target.agentId())) {
        on.quota().check(user.userId());
      }
    } catch (TokenQuota.UsedUpException e) {
      Map<String, String> headers = new LinkedHashMap<>(e.headers());
      // Trying again within seconds, as clients do, is of no use.
      headers.put("X-Should-Retry", "false");
      throw new OpenAiException(429, e.explanation(), null, "insufficient_quota", headers);
    }
  }

  private void whole(
      Context ctx, Function<Completion.Client, Completion> completions, CompletionJson json) {
    Collector collector = new Collector();
    Completion completion = completions.apply(collector);
    completion.begin(on.guests());
    HangUps.Watch watch = on.hangUps().watch(ctx, completion::hungUp);
    ctx.future(
        () ->
            collector.ended.thenAcceptAsync(
                outcome -> {
                  watch.end();
                  if (outcome.failure() != null) {
                    throw outcome.failure();
                  }
                  ctx.json(json.whole(collector.text.toString(), outcome));
                },
                on.responders()));
  }

  private void stream(
      Context ctx,
      Function<Completion.Client, Completion> completions,
      CompletionJson json,
      CompletionRequest request) {
    SseResponse response = on.streams().apply(Authentication.principal(ctx));
    StreamedReply reply = new StreamedReply(response, json, request.includeUsage());
    Completion completion = completions.apply(reply);
    completion.begin(on.guests());
    HangUps.Watch watch = on.hangUps().watch(ctx, completion::hungUp);
    response.whenClosed(completion::hungUp);
    ctx.future(
        () ->
            reply
                .begun()
                .whenComplete((begun, failure) -> endIf(failure != null, watch))
                .thenComposeAsync(begun -> response.start(ctx), on.responders())
                .whenComplete((over, failure) -> watch.end()));
  }

  /** What is answered with an error leaves the connection for the next request. */
  private static void endIf(boolean failed, HangUps.Watch watch) {
    if (failed) {
      watch.end();
    }
  }

  /** Keeps the reply until it is whole. */
  private static final class Collector implements Completion.Client {
    final StringBuffer text = new StringBuffer();
    final CompletableFuture<Completion.Outcome> ended = new CompletableFuture<>();

    @Override
    public void text(String piece) {
      text.append(piece);
    }

    @Override
    public void ended(Completion.Outcome outcome) {
      ended.complete(outcome);
    }
  }
}

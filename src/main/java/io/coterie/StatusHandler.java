package io.coterie;

import io.coterie.http.ApiException;
import io.javalin.http.Context;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Whether the server is there, and whether it takes work. Thread-safe. */
final class StatusHandler {

  private final BooleanSupplier stopping;

  StatusHandler(BooleanSupplier stopping) {
    this.stopping = stopping;
  }

  void ping(Context ctx) {
    ctx.json(Map.of("msg", "pong"));
  }

  void health(Context ctx) {
    ctx.json(Map.of("status", "ok"));
  }

  void ready(Context ctx) {
    if (stopping.getAsBoolean()) {
      throw ApiException.stopping();
    }
    ctx.json(Map.of("status", "ready"));
  }
}

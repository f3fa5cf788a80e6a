package io.coterie;

import io.coterie.http.ApiException;
import io.javalin.http.Context;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Whether the server is there, and whether it takes work. Thread-safe. */
final class StatusHandler {

  private final BooleanSupplier stopping;
  private final BooleanSupplier storing;

  /**
   * @param storing whether something can be stored at this moment
   */
  StatusHandler(BooleanSupplier stopping, BooleanSupplier storing) {
    this.stopping = stopping;
    this.storing = storing;
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
    if (!storing.getAsBoolean()) {
      throw ApiException.cannotStore();
    }
    ctx.json(Map.of("status", "ready"));
  }
}

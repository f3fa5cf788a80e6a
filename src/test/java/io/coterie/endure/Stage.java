package io.coterie.endure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.CuttableProxy;
import io.coterie.http.Json;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all who act have in common. Thread-safe.
 *
 * @param users those who stay; the first is the admin
 * @param gone what is known to be deleted
 * @param largeDeletion when something large was deleted last, by the clock of {@link
 *     System#nanoTime}
 */
record Stage(
    EnduringServer server,
    Api api,
    CuttableProxy proxy,
    OneTime strings,
    Findings findings,
    Figures figures,
    List<User> users,
    List<Gone> gone,
    AtomicLong largeDeletion) {

  private static final long CLEARED_IN_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Something that is no more: a GET of that path by that user is to be 404 with that message. */
  record Gone(User user, String path, String msg) {}

  static Stage of(EnduringServer server, Findings findings, Figures figures) {
    return new Stage(
        server,
        new Api(server, findings, figures),
        new CuttableProxy(server::portOrNone),
        new OneTime(),
        findings,
        figures,
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>(),
        new AtomicLong(System.nanoTime() - CLEARED_IN_NANOS));
  }

  /** Deletes something large, whose rows may go for some time after the answer. */
  void deleteLarge(Runnable deletion) {
    largeDeletion.set(Long.MAX_VALUE);
    try {
      deletion.run();
    } finally {
      largeDeletion.set(System.nanoTime());
    }
  }

  boolean isLargeDeletionNear() {
    long last = largeDeletion.get();
    return last == Long.MAX_VALUE || System.nanoTime() - last < CLEARED_IN_NANOS;
  }

  static ObjectNode object(Object... namesAndValues) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.set(
          (String) namesAndValues[i], Json.MAPPER.<JsonNode>valueToTree(namesAndValues[i + 1]));
    }
    return object;
  }

  /** The deletion was answered: it is to be gone at once, and for ever. */
  void buried(Gone what) {
    checkGone(what);
    // Of what is not there everybody is told the same; an account's own token goes with it.
    boolean isAccount = what.path().equals("/user");
    gone.add(isAccount ? what : new Gone(users.get(0), what.path(), what.msg()));
  }

  void checkGone(Gone what) {
    Reply reply = api.call(what.user(), null, "GET", what.path(), null, 200, 401, 403, 404);
    findings.check(
        reply.status() == 404 && reply.json().path("msg").asText().equals(what.msg()),
        "deleted, and there again",
        what.path() + " " + reply.status() + " " + reply.text());
  }
}

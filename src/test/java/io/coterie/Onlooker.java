package io.coterie;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Somebody honest, who asks the server for a sign of life all the time, and notes how long it
 * takes.
 */
final class Onlooker {

  private static final long PAUSE_NANOS = Duration.ofMillis(10).toNanos();

  /** How long answers took, in milliseconds, shortest first; and what went wrong. */
  record Seen(List<Long> millis, List<String> failures) {
    int count() {
      return millis.size();
    }

    long percentile(int percent) {
      return millis.get(Math.max(0, (int) Math.ceil(percent / 100.0 * millis.size()) - 1));
    }
  }

  private final HttpRequest ping;
  private final HttpClient http = HttpClient.newHttpClient();

  Onlooker(ServerProcess server) {
    ping =
        HttpRequest.newBuilder(URI.create(server.url() + "/ping"))
            .timeout(Duration.ofSeconds(20))
            .build();
  }

  /** What is seen while {@code work} goes on. */
  Seen during(Runnable work) {
    Thread worker = new Thread(work, "attack");
    worker.start();
    List<Long> millis = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    while (worker.isAlive()) {
      long start = System.nanoTime();
      try {
        int status = http.send(ping, HttpResponse.BodyHandlers.ofString()).statusCode();
        if (status != 200) {
          failures.add("status " + status);
        }
      } catch (Exception e) {
        failures.add(e.toString());
      }
      millis.add((System.nanoTime() - start) / 1_000_000);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return new Seen(millis.stream().sorted().toList(), failures);
  }
}

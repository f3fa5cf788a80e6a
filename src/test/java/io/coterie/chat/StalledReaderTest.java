package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.LiveClient;
import io.coterie.LiveTransport;
import io.coterie.Transcript;
import io.coterie.model.ScriptedModel;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One client that never reads, among fifty that do. */
class StalledReaderTest extends SharedServer {

  private static final int READERS = 50;
  private static final int MOST_REPLIES = 120;
  private static final int PIECES = 16;
  private static final String PADDING = "x".repeat(8_000);
  private static final long MEGABYTE = 1024 * 1024;

  private final AtomicLong slowestNanos = new AtomicLong();
  private final List<LiveClient> clients = new ArrayList<>();
  private String chat;
  private long heapPeak;

  /** On disk, as it is used: what a database in memory keeps is not the connections'. */
  @Override
  AppFixture boot() {
    return AppFixture.startOnDiskWith(model, "chat.max-outbox-size=1MB");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"POLLING", "SOCKET_IO_POLLING"})
  void clientThatNeverReads_isCutOff_slowsNobody_andCanResume(LiveTransport transport) {
    chat = chat();
    List<Reader> readers =
        IntStream.range(0, READERS).mapToObj(i -> new Reader(transport)).toList();
    LiveClient stalled = transport.connect(app, user, chat, 0L);
    clients.add(stalled);
    stalled.await("ready");
    stalled.stall();
    Await.until(() -> app.openConnections() == READERS + 1, () -> "all to be connected");

    // Once beforehand, so that what is measured does not run for the first time.
    stream();
    slowestNanos.set(0);
    long heapBefore = usedHeap();
    heapPeak = heapBefore;
    for (int i = 0; i < MOST_REPLIES && app.openConnections() > READERS; i++) {
      stream();
      heapPeak = i % 4 == 0 ? Math.max(heapPeak, usedHeap()) : heapPeak;
    }
    assertThat(app.openConnections()).as("connections without the stalled one").isEqualTo(READERS);
    stalled.goOn();
    stalled.awaitEnd();
    if (transport == LiveTransport.WEB_SOCKET) {
      // On a busy machine the goodbye may have waited for too long to be sent: 0 is none.
      assertThat(stalled.closeCode()).isIn(1013, 0);
    }

    stream();
    List<JsonNode> all = stored(chat);
    readers.forEach(reader -> reader.await(all.size()));
    long heapAfter = usedHeap();
    System.out.printf(
        "%s: slowest delta of %d readers %d ms; heap %d MB before, %d at most, %d after%n",
        transport,
        READERS,
        TimeUnit.NANOSECONDS.toMillis(slowestNanos.get()),
        heapBefore / MEGABYTE,
        heapPeak / MEGABYTE,
        heapAfter / MEGABYTE);
    assertThat(slowestNanos.get()).isPositive().isLessThan(TimeUnit.SECONDS.toNanos(1));
    assertThat(Math.max(heapPeak, heapAfter) - heapBefore).isLessThan(64 * MEGABYTE);

    Transcript transcript = new Transcript(true);
    stalled.received().forEach(transcript::accept);
    assertThat(transcript.lastSeq()).isPositive().isLessThan(all.size());
    transcript.connected();
    try (LiveClient again =
        transport.connect(app, user, chat, transcript.lastSeq(), transcript::accept)) {
      Await.until(() -> transcript.lastSeq() == all.size(), () -> "the rest");
    }
    assertThat(transcript.fault()).isNull();
    assertThat(transcript.stored()).isEqualTo(all);
  }

  @AfterEach
  void leave() {
    clients.forEach(LiveClient::close);
    clients.clear();
    Await.until(
        () -> {
          ask(chat, "@echo x");
          return app.openConnections() == 0;
        },
        () -> app.openConnections() + " connections");
  }

  /** Somebody who reads and looks at the clock. */
  private final class Reader {
    private final AtomicLong lastSeq = new AtomicLong();

    Reader(LiveTransport transport) {
      clients.add(transport.connect(app, user, chat, 0L, this::receive));
    }

    private void receive(JsonNode event) {
      if (event.has("seq")) {
        lastSeq.set(event.path("seq").asLong());
      } else if (event.path("event").asText().equals("delta")) {
        String text = event.path("data").path("text").asText();
        long said = Long.parseLong(text.substring(0, text.indexOf(' ')));
        slowestNanos.accumulateAndGet(System.nanoTime() - said, Math::max);
      }
    }

    void await(int seq) {
      Await.until(() -> lastSeq.get() == seq, () -> lastSeq + " of " + seq);
    }
  }

  private void stream() {
    model.then(StalledReaderTest::speak);
    assertThat(ask(chat, "Hi").status()).isEqualTo(200);
  }

  /** Pieces that begin with the time at which each was said. */
  private static void speak(ChatRequest request, ScriptedModel.Reply reply) {
    for (int i = 0; i < PIECES; i++) {
      reply.text(System.nanoTime() + " " + PADDING);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(6));
    }
    reply.complete(1, 1);
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}

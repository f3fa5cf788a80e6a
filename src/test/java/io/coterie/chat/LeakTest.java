package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.LiveClient;
import io.coterie.LiveTransport;
import io.coterie.WireSocket;
import io.coterie.model.ScriptedModel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that come and go in every way, while replies stream, leave nothing behind. */
class LeakTest extends SharedServer {

  private static final int CONNECTS = 1_000;
  private static final int WORKERS = 8;

  /** What a pool may keep beyond what it had, for a while. */
  private static final int SLACK = 2 * WORKERS;

  private static final Set<String> SERVERS_THREADS = Set.of("http", "run", "timer", "scripted");

  private final long seed = System.nanoTime();
  private final AtomicInteger mayBeUnspent = new AtomicInteger();

  /** That a client of long polling has gone shows when it answers no heartbeat. */
  @Override
  AppFixture boot() {
    return AppFixture.startImpatientWith(model, Duration.ofSeconds(1), Duration.ofSeconds(4));
  }

  @ParameterizedTest
  @EnumSource
  void clientsThatComeAndGo_leaveNothingBehind(LiveTransport transport) throws Exception {
    String chat = chat();
    comeAndGo(transport, chat, CONNECTS / 10);
    awaitNobody(chat);
    int timerTasks = app.timerTasks();
    long files = openFiles();
    List<String> threads = threads();

    comeAndGo(transport, chat, CONNECTS);
    awaitNobody(chat);
    assertThat(app.followedChats()).isZero();
    Await.until(
        () -> app.timerTasks() <= timerTasks, () -> app.timerTasks() + " tasks of the timer");
    Await.until(() -> openFiles() <= files + SLACK, () -> openFiles() + " files, once " + files);
    Await.until(
        () -> threads().size() <= threads.size() + SLACK, () -> threads() + ", once " + threads);
    // A string whose request was cut off may not have arrived: it expires.
    assertThat(app.unusedStrings()).isLessThanOrEqualTo(mayBeUnspent.getAndSet(0));
    app.clock().advance(Duration.ofMinutes(5));
    assertThat(app.unusedStrings()).isZero();
  }

  private void comeAndGo(LiveTransport transport, String chat, int times) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> talk =
        CompletableFuture.runAsync(
            () -> {
              while (!over.get()) {
                model.then(LeakTest::speakSlowly);
                ask(chat, "Hi");
              }
            },
            work -> new Thread(work).start());
    try {
      List<Callable<Void>> workers =
          IntStream.range(0, WORKERS)
              .mapToObj(worker -> worker(transport, chat, times / WORKERS, seed + worker))
              .toList();
      AllAtOnce.call(workers);
    } finally {
      over.set(true);
    }
    talk.join();
  }

  private static void speakSlowly(ChatRequest request, ScriptedModel.Reply reply) {
    for (int i = 0; i < 50; i++) {
      reply.text("piece " + i);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(4));
    }
    reply.complete(1, 1);
  }

  private Callable<Void> worker(LiveTransport transport, String chat, int times, long ownSeed) {
    Random random = new Random(ownSeed);
    return () -> {
      for (int i = 0; i < times; i++) {
        comeAndGo(transport, chat, random);
      }
      return null;
    };
  }

  private void comeAndGo(LiveTransport transport, String chat, Random random) throws IOException {
    switch (random.nextInt(8)) {
      case 0 -> {
        assertThat(transport.refuses(app, LiveTransport.query(chat, "nonsense", null))).isTrue();
        assertThat(transport.refuses(app, "chat_id=" + chat)).isTrue();
      }
      case 1 -> {
        String query = LiveTransport.query(chat, app.connectionString(user, chat), 0L);
        mayBeUnspent.incrementAndGet();
        WireSocket socket = WireSocket.connect(app.port());
        socket.getOutputStream().write(transport.opening(query).getBytes(StandardCharsets.UTF_8));
        socket.reset();
      }
      case 2 -> transport.connect(app, user, chat, null).cut();
      case 3 -> transport.connect(app, user, chat, null).close();
      default -> {
        LiveClient client = transport.connect(app, user, chat, (long) random.nextInt(8));
        client.await(event -> true);
        if (random.nextBoolean()) {
          client.cut();
        } else {
          client.close();
        }
      }
    }
  }

  /** A stream's hanging up is noticed when something is written. */
  private void awaitNobody(String chat) {
    Await.until(
        () -> {
          ask(chat, "@echo x");
          return app.openConnections() == 0 && app.followedChats() == 0;
        },
        () -> app.openConnections() + " connections, " + app.followedChats() + " followed chats");
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> SERVERS_THREADS.contains(name.split("-")[0]))
        .sorted()
        .collect(Collectors.toList());
  }

  private static long openFiles() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }
}

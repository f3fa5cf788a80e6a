package io.coterie.endure;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many people at work for a long time, while the provider fails, connections are cut, large things
 * are deleted, and the server is killed again and again, in a heap of 128 MB; at the end every
 * promise is checked. {@code -Dendure.minutes=N} is how long the work goes on, {@code
 * -Dendure.seed=N} repeats the choices of a run. What went wrong is listed at the end; the server's
 * logs are in {@code target/endure}.
 */
class MixedWorkEndurance {

  private static final int USERS = 16;
  private static final long MINUTES = Long.getLong("endure.minutes", 2);
  private static final long REST_SECONDS = 60;

  /**
   * More than a fresh server at rest: the heap may keep what it grew by, which is 128 MB less the
   * 24 that it begins with; and classes, compiled code and the allocator's own need some room.
   */
  private static final long MORE_RSS_MB = 160;

  /** Pools keep a few threads for a while. */
  private static final long MORE_THREADS = 16;

  /**
   * A machine that is busy with other things makes everything slower, and how much is measured at
   * the same time: each limit is moved out by a few times as long as the control takes.
   */
  private static final int TIMES_CONTROL = 5;

  private static final double PING_P99_MILLIS = 250;

  private static final double STORED_P99_MILLIS = 1_000;
  private static final double DELETED_MAX_MILLIS = 2_000;
  private static final double START_MAX_MILLIS = 20_000;

  /** The file is allowed to be larger than what is in it: indexes, old versions, free room. */
  private static final long FILE_TIMES_CONTENT = 6;

  private static final long FILE_BASE = 16L << 20;
  private static final int CLEARING_SECONDS = 120;

  @TempDir Path folder;

  private final Findings findings = new Findings();
  private final Figures figures = new Figures();
  private final List<Person> people = new ArrayList<>();
  private Random random;

  @Test
  void mixedWork_withFaultsAndKills_keepsEveryPromise() throws Exception {
    long seed = Long.getLong("endure.seed", System.nanoTime());
    random = new Random(seed);
    System.out.printf("Endurance: %d minutes, -Dendure.seed=%d%n", MINUTES, seed);
    figures.value("seed", seed);
    try (FaultyProvider provider = new FaultyProvider(random.nextLong(), findings, figures);
        EnduringServer server = new EnduringServer(folder, settings(provider), findings, figures)) {
      server.start();
      Stage stage = Stage.of(server, findings, figures);
      try {
        work(stage, provider);
        afterwards(stage);
      } finally {
        stage.proxy().close();
      }
      rest(stage);
      stored(server);
    } finally {
      System.out.printf("%nFigures%n%s%n", figures.report());
      System.out.printf(
          "Broken promises%n%s%n", findings.kinds().isEmpty() ? "  none" : findings.report());
    }
    assertThat(findings.kinds()).as("broken promises, listed above").isEmpty();
  }

  private void work(Stage stage, FaultyProvider provider) throws Exception {
    AccountWork accounts = new AccountWork(stage, random);
    for (int i = 0; i < USERS; i++) {
      stage.users().add(accounts.register());
    }
    for (User user : stage.users()) {
      people.add(new Person(stage, user, true, random.nextLong()));
      people.add(new Person(stage, user, false, random.nextLong()));
    }
    Pinger pinger = new Pinger(stage);
    BackupKeeper backups = new BackupKeeper(stage, random.nextLong());
    Demolition demolition = new Demolition(stage, random.nextLong());
    people.forEach(Person::begin);
    demolition.begin();
    new Trouble(stage, random.nextLong()).goOn(MINUTES);
    provider.beGood();
    people.forEach(Person::end);
    demolition.end();
    pinger.end();
    backups.end();
    for (Person person : people) {
      person.join();
    }
    demolition.join();
  }

  /** Once more a server that was killed, and what it has of everything. */
  private void afterwards(Stage stage) throws InterruptedException {
    FinalCheck check = new FinalCheck(stage);
    followers(stage).forEach(Follower::beGood);
    people.forEach(Person::settle);
    check.awaitQuiet();
    stage.server().kill();
    stage.server().start();
    check.awaitQuiet();
    check.check();
    List<Follower> all = followers(stage);
    all.forEach(Follower::leave);
    for (Follower follower : all) {
      follower.join();
    }
    promise("/ping", 0.99, PING_P99_MILLIS);
    promise("message stored", 0.99, STORED_P99_MILLIS);
    promise("chat deleted", 1, DELETED_MAX_MILLIS);
    promise("workspace deleted", 1, DELETED_MAX_MILLIS);
    promise("account deleted", 1, DELETED_MAX_MILLIS);
    promise("start to listening", 1, START_MAX_MILLIS);
  }

  private static List<Follower> followers(Stage stage) {
    return stage.users().stream()
        .flatMap(user -> user.chats().stream())
        .flatMap(chat -> chat.followers.stream())
        .toList();
  }

  private void promise(String what, double quantile, double millis) {
    double measured = figures.latency(what).millis(quantile);
    double limit = millis + TIMES_CONTROL * figures.latency(Pinger.CONTROL).millis(quantile);
    findings.check(
        measured <= limit, "slow: " + what, "%.0f ms of %.0f".formatted(measured, limit));
  }

  /** What the process holds a minute later is near what a fresh one holds. */
  private void rest(Stage stage) throws IOException {
    EnduringServer server = stage.server();
    ProcessUse before = ProcessUse.of(server.await().process.pid());
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(REST_SECONDS));
    ProcessUse after = ProcessUse.of(server.await().process.pid());
    ProcessUse fresh = fresh();
    figures.value("in use after the checks", before);
    figures.value("in use a minute later", after);
    stage
        .api()
        .call(stage.users().get(0), null, "GET", "/metrics", null, 200)
        .text()
        .lines()
        .filter(line -> line.startsWith("jvm_memory_"))
        .map(line -> line.split(" "))
        .forEach(words -> figures.value(words[0], Double.valueOf(words[1])));
    figures.value("in use by a fresh server", fresh);
    findings.check(
        after.rssMb() <= fresh.rssMb() + MORE_RSS_MB
            && after.threads() <= fresh.threads() + MORE_THREADS,
        "memory or threads that do not come down",
        after + "; fresh: " + fresh);
  }

  private ProcessUse fresh() throws IOException {
    Path other = Files.createDirectory(folder.resolve("fresh"));
    try (ServerProcess process =
        ServerProcess.run(other, EnduringServer.ENVIRONMENT, "--server.port=0")) {
      process.port();
      return ProcessUse.of(process.pid());
    }
  }

  /** What is in the files once the server has stopped, and all that was deleted is cleared. */
  private void stored(EnduringServer server) throws Exception {
    DatabaseCheck database = new DatabaseCheck(server.dataDir());
    long begun = System.nanoTime();
    server.terminate();
    Map<String, Long> orphans = database.orphans();
    while (!orphans.isEmpty()
        && System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(CLEARING_SECONDS)) {
      server.start();
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(10));
      server.terminate();
      orphans = database.orphans();
      figures.count("starts until deleted rows were gone");
    }
    findings.check(orphans.isEmpty(), "rows of what was deleted", orphans.toString());
    database.check(findings, figures);
    long content = database.content();
    long bytes = Files.size(server.dataDir().resolve("coterie.mv.db"));
    figures.value("database file in MB", bytes >> 20);
    figures.value("characters in it, in millions", content / 1_000_000.0);
    findings.check(
        bytes <= FILE_BASE + FILE_TIMES_CONTENT * content,
        "a file much larger than its content",
        bytes + " bytes, " + content + " characters");
  }

  private List<String> settings(FaultyProvider provider) {
    List<String> settings = new ArrayList<>(List.of(provider.settings()));
    try (ServerProcess help = ServerProcess.run(folder, Map.of(), "--help")) {
      help.awaitExit();
      // All come from one address here.
      if (help.output().contains("auth.registration.max-per-hour=")) {
        settings.add("auth.registration.max-per-hour=1000");
      }
    }
    return settings;
  }
}

package io.coterie.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose work is done when; the work here is none, as that is not what is at stake. */
class PasswordsTest {

  private final Passwords passwords = new Passwords();
  private final CountDownLatch go = new CountDownLatch(1);

  @AfterEach
  void close() {
    go.countDown();
    passwords.close();
  }

  private String await() {
    try {
      assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
      return "done";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void submit_whileAnotherAddressHoldsAllItCan_isDoneAtOnce() {
    List<CompletableFuture<String>> held = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      held.add(passwords.submit("a", this::await));
    }
    for (int i = 0; i < 300; i++) {
      assertThat(passwords.submit("b", () -> "quick").orTimeout(20, TimeUnit.SECONDS).join())
          .isEqualTo("quick");
    }
    go.countDown();
    assertThat(held.stream().filter(PasswordsTest::isRefused).count()).isBetween(299L, 301L);
  }

  @Test
  void submit_manyOfOneAddress_areDoneOneAfterTheOther() {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      all.add(
          passwords.submit(
              "a",
              () -> {
                most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                Thread.yield();
                return atOnce.decrementAndGet();
              }));
    }
    all.forEach(one -> assertThat(one.orTimeout(20, TimeUnit.SECONDS).join()).isZero());
    assertThat(most).hasValue(1);
  }

  @Test
  void submit_fromAHundredThousandAddresses_isRefusedBeyondTheQueue() {
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      all.add(passwords.submit("address " + i, this::await));
    }
    long refused = all.stream().filter(CompletableFuture::isCompletedExceptionally).count();
    int places = Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
    assertThat(100_000 - refused).isBetween(200L, 200L + places);
    go.countDown();
    assertThat(all.stream().filter(PasswordsTest::isRefused).count()).isEqualTo(refused);
  }

  @Test
  void submit_whatFails_failsAloneAndKeepsNoPlace() {
    for (int i = 0; i < 20; i++) {
      CompletableFuture<String> failed =
          passwords.submit(
              "a",
              () -> {
                throw ApiException.unauthorized("no");
              });
      assertThatThrownBy(() -> failed.orTimeout(20, TimeUnit.SECONDS).join())
          .hasCauseInstanceOf(ApiException.class)
          .hasMessageContaining("no");
    }
    assertThat(passwords.submit("a", () -> "x").orTimeout(20, TimeUnit.SECONDS).join())
        .isEqualTo("x");
  }

  @Test
  void close_answersThoseWhoWait() throws Exception {
    CompletableFuture<String> underWay = passwords.submit("a", this::await);
    CompletableFuture<String> waiting = passwords.submit("a", this::await);
    Thread closing = new Thread(passwords::close);
    closing.start();
    assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.status()).isEqualTo(503));
    go.countDown();
    closing.join(20_000);
    assertThat(underWay.get(20, TimeUnit.SECONDS)).isEqualTo("done");
    assertThatThrownBy(() -> passwords.submit("b", () -> "x")).isInstanceOf(ApiException.class);
  }

  private static boolean isRefused(CompletableFuture<String> work) {
    try {
      return !work.orTimeout(20, TimeUnit.SECONDS).join().equals("done");
    } catch (CompletionException e) {
      assertThat(e.getCause())
          .isInstanceOfSatisfying(
              ApiException.class, refusal -> assertThat(refusal.status()).isEqualTo(429));
      return true;
    }
  }
}

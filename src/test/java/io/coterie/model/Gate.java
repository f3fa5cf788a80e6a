package io.coterie.model;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Holds a script back until the test lets it go on. */
public final class Gate {

  private final CountDownLatch latch = new CountDownLatch(1);

  public void open() {
    latch.countDown();
  }

  public boolean isOpen() {
    return latch.getCount() == 0;
  }

  public void await() {
    try {
      if (!latch.await(ScriptedProvider.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("The gate was never opened");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

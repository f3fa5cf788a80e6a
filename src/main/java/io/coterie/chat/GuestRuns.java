package io.coterie.chat;

import io.coterie.http.ApiException;
import io.coterie.storage.Ids;
import java.util.UUID;
import java.util.function.Function;

/**
 * Runs that belong to no chat and are stored nowhere. They wait for the same places as those that
 * do, so that one bound holds for all. Thread-safe.
 */
public final class GuestRuns {

  /** Such a run. */
  public interface Guest {
    /** Does its work, on a thread that may be kept as long as that takes. */
    void run();

    /** In whose name it is done. */
    UUID userId();

    /** Ends what goes on, or will never begin, for that reason. Must be quick. */
    void stop(ApiException reason);
  }

  private final RunQueue queue;
  private final Function<String, RunQueue.Kind> kindOf;

  GuestRuns(RunQueue queue, Function<String, RunQueue.Kind> kindOf) {
    this.queue = queue;
    this.kindOf = kindOf;
  }

  /**
   * Lets a run of that agent have its turn.
   *
   * @return takes it back; answers false where its turn has come, or it is over
   * @throws ApiException 429 where too many wait, 503 where the server stops
   */
  public Leave enter(String agentId, Guest guest) {
    UUID runId = Ids.next();
    if (!queue.addGuest(runId, kindOf.apply(agentId), guest)) {
      throw queue.isStopped() ? ApiException.stopping() : ApiException.tooManyRequests(1);
    }
    return () -> queue.remove(runId, runId);
  }

  /** Ends all that a user has who is gone. */
  void userGone(UUID userId) {
    queue.endGuests(
        guest -> guest.userId().equals(userId),
        ApiException.unauthorized("Token has been revoked"));
  }

  /** Takes a run back that waits. */
  public interface Leave {
    boolean leave();
  }
}

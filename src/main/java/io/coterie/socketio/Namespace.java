package io.coterie.socketio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * What is behind one namespace: who may connect, and what happens to the events of those who have.
 * Implementations must be thread-safe; the events of one client come one after the other.
 */
public interface Namespace {

  /**
   * A client that wants to connect.
   *
   * @param query of the handshake's URL
   * @param auth what the client sent with this attempt; empty where it sent nothing
   */
  record Request(Map<String, String> query, ObjectNode auth) {

    /** A parameter, which this attempt may have set anew; null where it is missing or blank. */
    public String param(String name) {
      JsonNode own = auth.get(name);
      String value = own == null || own.isNull() ? query.get(name) : own.asText();
      return value == null || value.isBlank() ? null : value;
    }
  }

  /** A client that has connected. Thread-safe; nothing here blocks. */
  interface Peer {

    /**
     * Sends an event.
     *
     * @param array its name and its arguments, a JSON array
     * @param done called, also on this thread, once the client could take more; never, where the
     *     connection ended first
     */
    void emit(String array, Runnable done);

    /**
     * Ends the connection after what was sent.
     *
     * @param forGood whether the client is told not to connect again by itself
     */
    void close(boolean forGood);
  }

  /** What a connected client does. */
  interface Listener {

    /**
     * It sent an event.
     *
     * @return what to acknowledge it with, where the client wants that
     */
    JsonNode event(String name, List<JsonNode> args);

    /** It sent something binary. */
    void binary();

    /** It sent something that is no packet. */
    void malformed();

    /** It has gone, or was cut off. Called once. */
    void gone();
  }

  /** An attempt that was let in. */
  interface Admission {

    /** The client has been told; events may be sent from now on. */
    Listener connected(Peer peer);
  }

  /** An attempt that was refused; the message is for the client. */
  final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
      super(message, null, false, false);
    }
  }

  /** Lets a client in or refuses it. */
  Admission admit(Request request) throws RefusedException;
}

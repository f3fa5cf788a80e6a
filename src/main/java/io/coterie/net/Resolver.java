package io.coterie.net;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds all addresses of a host; may block. {@code InetAddress::getAllByName} but in tests. */
public interface Resolver {
  InetAddress[] resolve(String host) throws UnknownHostException;
}

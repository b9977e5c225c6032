package org.openmmp.program;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * A server that runs. Its sessions stand in {@link SharedRooms#sessions}, where the program counts
 * them and ends those that outlive a drain. Called on the thread that starts or drains the program.
 */
public interface FrontEndServer extends AutoCloseable {
  /**
   * Where clients come in, by the listeners' label such as {@code imap} or {@code imaps}, in the
   * order in which they are told; labels of several servers differ.
   */
  Map<String, List<InetSocketAddress>> addresses();

  /**
   * Accepts no more clients; sessions go on, and those without work may be told goodbye at once.
   * May be called again.
   */
  void stopAccepting();

  /**
   * Gives back what the server holds beside its sessions, which are gone then or about to go. May
   * be called without {@link #stopAccepting} before it, and again.
   */
  @Override
  void close();
}

package org.openmmp.program;

import java.io.IOException;
import java.util.List;
import org.openmmp.config.OpenMmpConfig;

/**
 * Brings a server into the program; found by {@link java.util.ServiceLoader}.
 *
 * <p>A provider is a public class with a public constructor without parameters, named in {@code
 * META-INF/services/org.openmmp.program.FrontEndProvider} of its module.
 */
public interface FrontEndProvider {
  /** The server's name on the command line: {@code proxy} or {@code relay}. */
  String name();

  /** The configuration's keys that say where clients come in. */
  List<String> listenKeys();

  /** Whether the configuration says where clients come in. */
  boolean listens(OpenMmpConfig config);

  /**
   * What {@code lint} finds by asking the stores, a sentence each.
   *
   * @throws IOException if a certificate that stores are verified with cannot be read
   */
  default List<String> findings(OpenMmpConfig config) throws IOException, InterruptedException {
    return List.of();
  }

  /**
   * Opens every listener of the server.
   *
   * @throws IOException if a certificate cannot be used or an address cannot be bound; the server
   *     leaves nothing open then
   */
  FrontEndServer open(SharedRooms rooms) throws IOException;
}

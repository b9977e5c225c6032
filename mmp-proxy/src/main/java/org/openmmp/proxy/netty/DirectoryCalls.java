package org.openmmp.proxy.netty;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.openmmp.directory.Directory;
import org.openmmp.proxy.session.FrontEndSession;
import org.openmmp.proxy.session.SessionStep;
import org.openmmp.transport.SessionLoop;

/** What one session asks the directory; the answers reach the session on its own event loop. */
final class DirectoryCalls {
  private final Directory directory;
  private final FrontEndSession session;
  private final SessionLoop loop;
  private final Consumer<List<SessionStep>> driver;

  /**
   * The calls of a session.
   *
   * @param driver carries out what follows from an answer
   */
  DirectoryCalls(
      Directory directory,
      FrontEndSession session,
      SessionLoop loop,
      Consumer<List<SessionStep>> driver) {
    this.directory = directory;
    this.session = session;
    this.loop = loop;
    this.driver = driver;
  }

  void lookUp(SessionStep.LookUp step) {
    directory
        .lookUp(step.request())
        .thenAccept(
            found ->
                loop.run(
                    () -> driver.accept(session.onLookup(found, step.ticket(), loop.nowNanos()))));
  }

  void bind(SessionStep.Bind step) {
    byte[] password = step.password().copy();
    directory
        .bind(step.user(), password)
        .thenAccept(
            result -> {
              Arrays.fill(password, (byte) 0);
              loop.run(() -> driver.accept(session.onBind(result, step.ticket(), loop.nowNanos())));
            });
  }
}

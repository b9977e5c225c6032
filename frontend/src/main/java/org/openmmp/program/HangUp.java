package org.openmmp.program;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signal SIGHUP, by which operators tell a mail daemon to read its files again; without this it
 * would end the process.
 *
 * <p>The JDK's class for signals is in a module of its own ({@code jdk.unsupported}) that a
 * compiler warns of, and is therefore called by its name.
 */
final class HangUp {
  private static final Logger log = LoggerFactory.getLogger(HangUp.class);

  private HangUp() {}

  /** Has that done at each SIGHUP from now on, on a thread of its own. */
  static void run(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object calling =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "toString" -> "SIGHUP";
                    default -> {
                      action.run();
                      yield null;
                    }
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), calling);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      log.warn("SIGHUP cannot be handled here and ends the process: {}", String.valueOf(e));
    }
  }
}

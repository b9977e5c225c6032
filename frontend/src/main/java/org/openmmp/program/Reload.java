package org.openmmp.program;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.ServerTlsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration again while the program runs, and takes over what can be exchanged under
 * it: certificates, keys and lists of revoked certificates, for connections from then on. Anything
 * that is wrong leaves all as it was, and is told.
 */
final class Reload implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Reload.class);
  private static final Set<String> TAKEN_OVER = Set.of("tls", "notices");

  /** Exchanges the TLS of every listener. */
  @FunctionalInterface
  interface TlsExchange {
    /**
     * Exchanges all of them or none.
     *
     * @return how many
     * @throws IOException if a file cannot be used; the message names it
     */
    int to(ServerTlsConfig tls) throws IOException;
  }

  private final OpenMmpConfig started;
  private final Callable<OpenMmpConfig> reader;
  private final TlsExchange exchange;

  /**
   * A reload.
   *
   * @param started what the program was started with
   * @param reader reads the same file again
   */
  Reload(OpenMmpConfig started, Callable<OpenMmpConfig> reader, TlsExchange exchange) {
    this.started = started;
    this.reader = reader;
    this.exchange = exchange;
  }

  @Override
  public synchronized void run() {
    try {
      OpenMmpConfig next = reader.call();
      int listeners = exchange.to(next.tls());
      log.info(
          "reload result=ok tls-listeners={}: certificates, keys and lists of revoked certificates"
              + " were read again",
          listeners);
      List<String> later = changes(next);
      if (!later.isEmpty()) {
        log.warn("reload: what changed in {} takes effect at the next start", later);
      }
    } catch (BadConfigException bad) {
      bad.problems().forEach(problem -> log.error("reload: {}", problem));
      log.error("reload result=refused: the configuration has mistakes; all stays as it was");
    } catch (IOException unusable) {
      log.error("reload result=refused: {}; all stays as it was", unusable.getMessage());
    } catch (Exception mistake) {
      log.error("reload result=failed; all stays as it was", mistake);
    }
  }

  /** The parts of the configuration that differ and are not taken over. */
  private List<String> changes(OpenMmpConfig next) throws ReflectiveOperationException {
    List<String> changed = new ArrayList<>();
    for (RecordComponent part : OpenMmpConfig.class.getRecordComponents()) {
      if (!TAKEN_OVER.contains(part.getName())
          && !Objects.equals(part.getAccessor().invoke(started), part.getAccessor().invoke(next))) {
        changed.add(part.getName());
      }
    }
    return changed;
  }
}

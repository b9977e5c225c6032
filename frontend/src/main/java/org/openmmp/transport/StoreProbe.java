package org.openmmp.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One probe of one store: the connect, the dialogue up to where a login would begin, or through one
 * that an administrator tries (rule B8.4), and a polite end (rule B2.9). On one event loop.
 */
public final class StoreProbe implements StoreLink.Owner<ProbeDialogue> {
  private static final Logger log = LoggerFactory.getLogger(StoreProbe.class);

  private final EventLoop loop;
  private final StoreTarget target;
  private final Duration patience;
  private final Consumer<String> progress;
  private final Consumer<ProbeDialogue.End> whenOver;
  private @Nullable Future<?> limit;
  private List<String> certificate = List.of();
  private long connectedMillis;
  private long greetedMillis;
  private boolean over;

  private StoreProbe(
      EventLoop loop,
      StoreTarget target,
      Duration patience,
      Consumer<String> progress,
      Consumer<ProbeDialogue.End> whenOver) {
    this.progress = progress;
    this.loop = loop;
    this.target = target;
    this.patience = patience;
    this.whenOver = whenOver;
  }

  /**
   * Begins a probe up to where a login would begin.
   *
   * @param patience for the greeting, and for each answer behind it
   * @param whenOver hears how it ended, exactly once, on the loop
   */
  public static void begin(
      StoreConnector connector,
      EventLoop loop,
      StoreTarget target,
      ProbeDialogue dialogue,
      Duration patience,
      Consumer<ProbeDialogue.End> whenOver) {
    begin(
        connector, loop, StoreLink.Purpose.PROBE, target, dialogue, patience, step -> {}, whenOver);
  }

  /**
   * Begins a probe.
   *
   * @param purpose whether it goes up to where a login would begin, or tries a login
   * @param patience for the greeting, and for each answer behind it
   * @param progress hears of each step that was taken, in a word or two
   * @param whenOver hears how it ended, exactly once, on the loop
   */
  public static void begin(
      StoreConnector connector,
      EventLoop loop,
      StoreLink.Purpose purpose,
      StoreTarget target,
      ProbeDialogue dialogue,
      Duration patience,
      Consumer<String> progress,
      Consumer<ProbeDialogue.End> whenOver) {
    StoreProbe probe = new StoreProbe(loop, target, patience, progress, whenOver);
    StoreLink<ProbeDialogue> link = new StoreLink<>(purpose, target, dialogue, probe);
    try {
      link.connect(connector, loop);
    } catch (RuntimeException bug) {
      // A mistake of ours says nothing of the store.
      log.error("a probe of {}:{} failed", target.host(), target.port(), bug);
      probe.end(link, AttemptOutcome.ABANDONED, "the probe failed: " + bug);
    }
  }

  @Override
  public void connected(StoreLink<ProbeDialogue> link) {
    progress.accept("connected");
    connectedMillis = System.currentTimeMillis();
    certificate = target.trust().certificateOf(link.channel(), target.host());
    allow(link, "greeting");
  }

  @Override
  public void secured(StoreLink<ProbeDialogue> link) {
    progress.accept("under TLS");
    certificate = target.trust().certificateOf(link.channel(), target.host());
    obey(link, link.key().onTls());
  }

  @Override
  public void received(StoreLink<ProbeDialogue> link, byte[] octets) {
    obey(link, link.key().onBytes(octets));
  }

  @Override
  public void lost(StoreLink<ProbeDialogue> link, AttemptOutcome outcome, String reason) {
    if (loop.isShuttingDown()) { // it was we who closed
      end(link, AttemptOutcome.ABANDONED, "this process ends");
    } else {
      end(link, outcome, reason);
    }
  }

  private void obey(StoreLink<ProbeDialogue> link, List<StoreStep> steps) {
    for (StoreStep step : steps) {
      if (step instanceof StoreStep.Send send) {
        link.sendSecret(send.octets());
        allow(link, "answer");
      } else if (step == StoreStep.Simple.START_TLS) {
        link.startTls(patience);
      } else if (step == StoreStep.Simple.GREETED) {
        greetedMillis = System.currentTimeMillis();
        progress.accept("greeted");
      } else if (step == StoreStep.Simple.NAMED) {
        progress.accept("named");
      } else if (step instanceof ProbeDialogue.End end) {
        end(link, end);
      }
    }
  }

  private void allow(StoreLink<ProbeDialogue> link, String awaited) {
    stopWaiting();
    limit =
        loop.schedule(
            () -> end(link, AttemptOutcome.UNREACHABLE, "no " + awaited + " of " + target.host()),
            patience.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private void stopWaiting() {
    if (limit != null) {
      limit.cancel(false);
    }
  }

  private void end(StoreLink<ProbeDialogue> link, AttemptOutcome outcome, String reason) {
    end(link, new ProbeDialogue.End(outcome, reason));
  }

  private void end(StoreLink<ProbeDialogue> link, ProbeDialogue.End how) {
    if (!over) {
      over = true;
      stopWaiting();
      link.leave(link.key().leave());
      whenOver.accept(
          new ProbeDialogue.End(
              how.outcome(), how.reason(), how.referral(), seen(link.key().seen())));
    }
  }

  /** What was seen of a host that greeted, as a whole; null of one that did not. */
  private @Nullable HostTraits seen(HostTraits inWords) {
    if (greetedMillis == 0) {
      return null;
    }
    HostTraits timed = inWords.within(connectedMillis, greetedMillis);
    return certificate.isEmpty() ? timed : timed.showing(certificate);
  }
}

package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the recipients of one group must be told, worked out from the fates of its hosts alone
 * (rules B5.3, B5.4, B5.7): it knows nothing of sessions, walks and time. What hosts did with a
 * message is read from what they noted down.
 */
final class DeliveryModel {
  static final String NO_STORE = "451 4.4.1";
  static final String LOST = "451 4.4.2";
  static final String NOT_IN_STEP = "451 4.3.0";

  private final List<SimulatedHost> hosts;
  private final Map<String, Told> told = new LinkedHashMap<>();

  /** The beginnings of the reply to RCPT and of the last one; the latter only for the accepted. */
  private static final class Told {
    private @Nullable String rcpt;
    private @Nullable String last;

    void tell(String reply) {
      if (rcpt == null) {
        rcpt = reply;
      } else if (last == null && !reply.startsWith("2")) {
        last = reply.startsWith("5") ? NOT_IN_STEP : reply;
      }
    }

    boolean open() {
      return rcpt == null || (rcpt.startsWith("2") && last == null);
    }
  }

  DeliveryModel(List<SimulatedHost> hosts, List<String> recipients) {
    this.hosts = hosts;
    recipients.forEach(each -> told.put(each, new Told()));
  }

  String rcpt(String recipient) {
    return Objects.requireNonNull(Objects.requireNonNull(told.get(recipient)).rcpt);
  }

  String last(String recipient) {
    return Objects.requireNonNull(Objects.requireNonNull(told.get(recipient)).last);
  }

  void work() {
    for (SimulatedHost host : hosts) {
      if (decides(host)) {
        return;
      }
    }
    tellOpen(NO_STORE);
  }

  /** Whether everybody has the last word after this host. */
  private boolean decides(SimulatedHost host) {
    if (host.fate == Fate.REFUSES_MAIL_FOR_GOOD) {
      tellOpen("550 5.7.1 not from you");
      return true;
    }
    if (!host.fate.answersRcpt()) {
      return false;
    }
    open().forEach(each -> tellOf(each).tell(host.rcptReply(each)));
    if (open().isEmpty()) {
      return true;
    }
    return switch (host.fate) {
      case SERVES, DIES_AFTER_DOT, NEVER_ANSWERS_DOT, DIES_AFTER_ONE_REPLY -> {
        tellWhatHappened(host);
        yield true;
      }
      case REFUSES_DATA_FOR_GOOD -> {
        open().forEach(each -> tellOf(each).last = "554 5.6.0 never");
        yield true;
      }
      default -> false;
    };
  }

  private void tellWhatHappened(SimulatedHost host) {
    List<String> replied = host.deliveries.get(0).replied();
    for (String recipient : open()) {
      tellOf(recipient).last = replied.contains(recipient) ? host.finalReply(recipient) : LOST;
    }
  }

  private void tellOpen(String reply) {
    open().forEach(each -> tellOf(each).tell(reply));
  }

  private Told tellOf(String recipient) {
    return Objects.requireNonNull(told.get(recipient));
  }

  private List<String> open() {
    List<String> open = new ArrayList<>();
    told.forEach(
        (recipient, each) -> {
          if (each.open()) {
            open.add(recipient);
          }
        });
    return open;
  }
}

package org.openmmp.storesim.lmtp;

import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeRole;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.StoreNode.Target;
import org.openmmp.storesim.UserTrouble;

/** Where one session's envelopes and messages are judged, as role, faults and script have it. */
final class LmtpDesk {
  private final LmtpEndpoint endpoint;
  private final StoreNode node;

  LmtpDesk(LmtpEndpoint endpoint, StoreNode node) {
    this.endpoint = endpoint;
    this.node = node;
  }

  /** The lines of the reply to LHLO. */
  List<String> hello(boolean withTls) {
    List<String> lines = new ArrayList<>(List.of(node.name()));
    lines.addAll(script().extensions());
    if (withTls) {
      lines.add(Extension.STARTTLS.keyword());
    }
    return lines;
  }

  boolean offers(Extension extension) {
    return offered().has(extension);
  }

  /** The referral of everybody to the master, or null; it counts as given. */
  @Nullable Target refer() {
    Target target = node.referralFor("", endpoint.service());
    if (target != null) {
      node.counters().referralGiven();
    }
    return target;
  }

  /** What MAIL is answered with. */
  String mail(String argument) {
    LmtpReply fault = EnvelopeCommand.mail(argument, offered()).fault();
    if (fault != null) {
      return fault.toString();
    }
    if (node.behaviour().fault() == Fault.TEMPORARY_ERROR) {
      return "451 4.3.0 Temporarily out of order";
    }
    return node.role() == NodeRole.MASTER || refersRecipients()
        ? "250 2.1.0 OK"
        : "451 4.3.2 No master";
  }

  /** Whether that recipient's mailbox hangs. */
  boolean hangsFor(String argument) {
    EnvelopeCommand read = EnvelopeCommand.rcpt(argument, offered()).value();
    return read != null
        && node.troubleOf(LmtpTransaction.user(read.address(), node.accounts()))
            == UserTrouble.HANGS;
  }

  /**
   * What RCPT is answered with, empty if the store ceases there; an accepted recipient is in the
   * transaction then.
   */
  String recipient(String line, String argument, LmtpTransaction transaction) {
    var parsed = EnvelopeCommand.rcpt(argument, offered());
    EnvelopeCommand read = parsed.value();
    if (read == null) {
      return Objects.requireNonNull(parsed.fault(), "neither read nor refused").toString();
    }
    var address = read.address();
    String user = LmtpTransaction.user(address, node.accounts());
    Target target = refersRecipients() ? node.referralFor(user, endpoint.service()) : null;
    String scripted = script().recipientReplies().get(address.text().toLowerCase(Locale.ROOT));
    String path = octets(address.path());
    String reply;
    if (scripted != null) {
      reply = scripted;
    } else if (target != null) {
      node.counters().referralGiven();
      reply =
          "550 5.2.900 " + path + ' ' + LmtpReferralCode.ofRecipient(target, user) + " Referral";
    } else if (node.troubleOf(user) != UserTrouble.NONE) {
      reply = node.troubleOf(user).lmtp();
    } else if (user.isEmpty()) {
      reply = "550 5.1.1 " + path + " Unknown user";
    } else if (node.behaviour().fault() == Fault.MAILBOX_IN_USE) {
      reply = "450 4.2.1 " + path + " Mailbox is in use";
    } else {
      reply = node.role() == NodeRole.MASTER ? "250 2.1.5 OK" : "451 4.3.2 No master";
    }
    if (reply.startsWith("2")) {
      transaction.accept(new LmtpTransaction.Recipient(line, address, user));
    }
    return reply;
  }

  /** Delivers, and returns the final replies. */
  List<String> deliver(LmtpTransaction transaction) {
    byte[] octets = transaction.message().toString().getBytes(StandardCharsets.ISO_8859_1);
    long limit = offered().maxMessageOctets();
    List<String> replies = new ArrayList<>();
    for (LmtpTransaction.Recipient recipient : transaction.recipients()) {
      String address = recipient.address().text().toLowerCase(Locale.ROOT);
      String due =
          limit > 0 && octets.length > limit
              ? "552 5.3.4 Message is too long"
              : "250 2.1.5 " + octets(recipient.address().path()) + " Delivered";
      String reply = script().finalReplies().getOrDefault(address, due);
      if (reply.startsWith("2") && !recipient.user().isEmpty()) {
        node.mail()
            .of(recipient.user())
            .inbox()
            .append(List.of(), OffsetDateTime.now(ZoneOffset.UTC), octets.clone());
      }
      replies.add(reply);
    }
    return replies;
  }

  /** Whether each recipient is referred, as Dovecot does, and not everybody at the greeting. */
  private boolean refersRecipients() {
    return switch (node.behaviour().referralForm()) {
      case ACCEPTING, GREETING -> false;
      case REFUSING, NAMING -> true;
    };
  }

  private Extensions offered() {
    return Extensions.of(new LmtpReply(250, "", hello(false)));
  }

  private LmtpScript script() {
    return endpoint.scriptOf(node.name());
  }

  private static String octets(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}

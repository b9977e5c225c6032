package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LocalPart;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.lmtp.protocol.EnvelopeAddress;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;

/** Where the recipients of one transaction go, and under which address (rules B2.1, B5.2, B5.5). */
final class RecipientPlan {
  /**
   * Recipients with equal keys share a transaction at a store.
   *
   * @param mailHost where there is no failover, the one host that may be asked; null: the group's
   *     first
   */
  record Destination(ReplicationGroup group, @Nullable StoreHost mailHost) {
    /** What shares the trouble of its stores. */
    String bulkhead() {
      return mailHost == null ? group.name() : mailHost.name();
    }
  }

  /**
   * Where one recipient goes: either somewhere, or nowhere with a reply.
   *
   * @param command what the store is told
   * @param why the directory's reason, or that of the group table; not for clients
   */
  record Route(
      @Nullable Destination destination,
      EnvelopeCommand command,
      @Nullable LmtpReply refusal,
      String why) {}

  private final RelaySettings settings;
  private final Envelope envelope;

  RecipientPlan(RelaySettings settings, Envelope envelope) {
    this.settings = settings;
    this.envelope = envelope;
  }

  /** What to ask the directory. */
  LookupRequest request(EnvelopeCommand command) {
    EnvelopeAddress address = command.address();
    RelayClient client = envelope.client();
    List<String> forms = new ArrayList<>(1);
    for (LocalPart form : forms(address)) {
      forms.add(form.mailboxAt(address.domain()));
    }
    return new LookupRequest(
            LookupRequest.Purpose.DELIVERY,
            forms.get(0),
            "",
            RelaySettings.SERVICE.name(),
            client.tls(),
            client.address(),
            client.serverAddress())
        .orElse(forms.subList(1, forms.size()));
  }

  /** Where the directory's answer leads. */
  Route route(EnvelopeCommand command, LookupResult found) {
    if (found.kind() != LookupResult.Kind.FOUND) {
      String restored = recovery(command, found);
      return restored.isEmpty()
          ? new Route(null, command, Answers.of(found.kind()), found.reason())
          : new Route(
              null,
              command,
              Answers.IN_RECOVERY,
              found.reason() + ", and " + restored + " is in recovery");
    }
    GroupMatch match = envelope.routing().table().groupOf(found.mailHost());
    EnvelopeCommand sentOn = found.storeName().isEmpty() ? command : sentOnAs(command, found);
    if (match.kind() != GroupMatch.Kind.FOUND) {
      return new Route(null, command, Answers.UNAVAILABLE, match.reason());
    }
    if (sentOn == null) {
      String made = "the template makes no address of it: " + found.storeName();
      return new Route(null, command, Answers.UNAVAILABLE, made);
    }
    StoreHost onlyHost = settings.clientKind().failsOver() ? null : match.host();
    return new Route(new Destination(match.found(), onlyHost), sentOn, null, found.reason());
  }

  /** What is being restored of the domain of somebody whom the directory does not know. */
  private String recovery(EnvelopeCommand command, LookupResult found) {
    if (found.kind() != LookupResult.Kind.NO_SUCH_USER) {
      return "";
    }
    EnvelopeAddress address = command.address();
    String name = address.domain().isEmpty() ? found.login() : address.mailbox();
    return envelope.routing().recovery().of(name);
  }

  /** The address that the template made, with the detail behind its local part; null if none. */
  private @Nullable EnvelopeCommand sentOnAs(EnvelopeCommand command, LookupResult found) {
    String storeName = found.storeName();
    String detail = detail(command.address(), found.askedAs());
    int at = storeName.lastIndexOf('@');
    String local = at < 0 ? storeName : storeName.substring(0, at);
    String domain = at < 0 ? "" : storeName.substring(at);
    EnvelopeAddress address = parsed(local + detail + domain);
    if (address == null) {
      String quoted = (local + detail).replace("\\", "\\\\").replace("\"", "\\\"");
      address = parsed('"' + quoted + '"' + domain);
    }
    return address == null ? null : command.at(address);
  }

  private static @Nullable EnvelopeAddress parsed(String address) {
    EnvelopeCommand read = EnvelopeCommand.rcptTo(address).value();
    return read == null ? null : read.address();
  }

  /** What only the store knows: nothing if the whole address has an entry. */
  private String detail(EnvelopeAddress address, String askedAs) {
    return forms(address).stream()
        .filter(form -> form.mailboxAt(address.domain()).equals(askedAs))
        .findFirst()
        .map(LocalPart::detail)
        .orElse("");
  }

  private List<LocalPart> forms(EnvelopeAddress address) {
    return LocalPart.forms(address.localPart(), settings.config().recipientDelimiters());
  }
}

package org.openmmp.proxy.imap;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ImapConfig;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.MechanismOffer;
import org.openmmp.proxy.client.PreAuthTalk;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.ObservedSession;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.SafePoints;

/** IMAP as the proxy speaks it on both sides. Safe for any thread. */
public final class ImapProtocol implements Protocol {
  private static final Service IMAP = new Service("imap");

  private final String hostName;
  private final ImapConfig config;
  private final StoreCapabilities capabilities;
  private final ImapReplies replies;
  private final AtomicReference<Map.@Nullable Entry<MechanismOffer, String>> greeted =
      new AtomicReference<>();

  /**
   * The protocol as an operator has it.
   *
   * @param hostName the name in the greeting, ASCII
   * @param capabilities what clients are offered before login
   */
  public ImapProtocol(String hostName, ImapConfig config, StoreCapabilities capabilities) {
    this.hostName = hostName;
    this.config = config;
    this.capabilities = capabilities;
    this.replies = new ImapReplies(config.alertText());
  }

  @Override
  public Service service() {
    return IMAP;
  }

  @Override
  public ClientDialogue withClient(ClientFacts facts) {
    return new PreAuthTalk(
        config.preAuth(),
        capabilities,
        replies,
        (talk, octets) -> new ImapPreAuth(talk, octets, hostName, config, greeted),
        facts);
  }

  @Override
  public StoreDialogue withStore(StoreLogin login) {
    return ImapStoreWords.dialogue(login, capabilities);
  }

  @Override
  public ProbeDialogue probe(StoreHost host, TlsPolicy tls) {
    return StoreTalk.probe(host, tls, capabilities, ImapStoreWords::new);
  }

  @Override
  public ProbeDialogue trial(StoreLogin login) {
    return StoreTalk.trial(login, capabilities, ImapStoreWords::new);
  }

  @Override
  public String offered(StoreAnswer answer) {
    return ImapCapabilities.inAnswer(answer);
  }

  @Override
  public String lacking(String offered) {
    ImapCapabilities there = new ImapCapabilities(offered);
    boolean ranges = there.has("ESEARCH") || there.has("IMAP4REV2");
    String all = (there.has("QRESYNC") ? "" : "QRESYNC ") + (ranges ? "" : "ESEARCH");
    return offered.isEmpty() ? "" : all.strip();
  }

  @Override
  public SafePoints safePoints() {
    return new ImapSafePoints();
  }

  @Override
  public ObservedSession observed(byte[] key, Predicate<String> hidden) {
    return new ImapObserver(new ImapKey(key), hidden);
  }

  @Override
  public byte[] lastWords(Farewell why, String session) {
    return replies.farewell(why, session).getBytes(StandardCharsets.ISO_8859_1);
  }
}

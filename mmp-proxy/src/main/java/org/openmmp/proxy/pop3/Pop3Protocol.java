package org.openmmp.proxy.pop3;

import java.nio.charset.StandardCharsets;
import org.openmmp.config.Pop3Config;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.PreAuthTalk;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.SafePoints;

/** POP3 as the proxy speaks it on both sides. Safe for any thread. */
public final class Pop3Protocol implements Protocol {
  private static final Service POP3 = new Service("pop3");

  private final String hostName;
  private final Pop3Config config;
  private final StoreCapabilities capabilities;
  private final Pop3Replies replies = new Pop3Replies();

  /**
   * The protocol as an operator has it.
   *
   * @param hostName the name in the greeting, ASCII
   * @param capabilities what clients are offered before login
   */
  public Pop3Protocol(String hostName, Pop3Config config, StoreCapabilities capabilities) {
    this.hostName = hostName;
    this.config = config;
    this.capabilities = capabilities;
  }

  @Override
  public Service service() {
    return POP3;
  }

  @Override
  public ClientDialogue withClient(ClientFacts facts) {
    return new PreAuthTalk(
        config.preAuth(),
        capabilities,
        replies,
        (talk, octets) -> new Pop3PreAuth(talk, octets, hostName, config.listen().startTls()),
        facts);
  }

  @Override
  public StoreDialogue withStore(StoreLogin login) {
    return Pop3StoreWords.dialogue(login, capabilities);
  }

  @Override
  public ProbeDialogue probe(StoreHost host, TlsPolicy tls) {
    return StoreTalk.probe(host, tls, capabilities, Pop3StoreWords::new);
  }

  @Override
  public ProbeDialogue trial(StoreLogin login) {
    return StoreTalk.trial(login, capabilities, Pop3StoreWords::new);
  }

  @Override
  public SafePoints safePoints() {
    return new Pop3SafePoints();
  }

  @Override
  public byte[] lastWords(Farewell why, String session) {
    return replies.farewell(why, session).getBytes(StandardCharsets.ISO_8859_1);
  }
}

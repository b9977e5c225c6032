package org.openmmp.proxy.pop3;

import java.nio.charset.StandardCharsets;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.Farewell;
import org.openmmp.proxy.client.PreAuthDialogue;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.TlsPolicy;

/** POP3 as the proxy speaks it on both sides. Safe for any thread. */
public final class Pop3Protocol implements Protocol {
  private static final Service POP3 = new Service("pop3");

  private final Pop3Settings settings;
  private final Pop3Replies replies = new Pop3Replies();

  /** The protocol with those decisions. */
  public Pop3Protocol(Pop3Settings settings) {
    this.settings = settings;
  }

  @Override
  public Service service() {
    return POP3;
  }

  @Override
  public ClientDialogue withClient(ClientFacts facts) {
    return new PreAuthDialogue(
        settings.limits(),
        replies,
        (talk, client, octets) -> new Pop3PreAuth(talk, new Pop3Offer(client, settings), octets),
        facts);
  }

  @Override
  public StoreDialogue withStore(StoreLogin login) {
    return Pop3StoreWords.dialogue(login, settings.capabilities());
  }

  @Override
  public ProbeDialogue probe(StoreHost host, TlsPolicy tls) {
    return StoreTalk.probe(host, tls, settings.capabilities(), Pop3StoreWords::new);
  }

  @Override
  public byte[] lastWords(Farewell why) {
    return replies.farewell(why).getBytes(StandardCharsets.ISO_8859_1);
  }
}

package org.openmmp.proxy.imap;

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

/** IMAP as the proxy speaks it on both sides. Safe for any thread. */
public final class ImapProtocol implements Protocol {
  private static final Service IMAP = new Service("imap");

  private final ImapSettings settings;
  private final ImapReplies replies;

  /** The protocol with those decisions. */
  public ImapProtocol(ImapSettings settings) {
    this.settings = settings;
    this.replies = new ImapReplies(settings.alertText());
  }

  @Override
  public Service service() {
    return IMAP;
  }

  @Override
  public ClientDialogue withClient(ClientFacts facts) {
    return new PreAuthDialogue(
        settings.limits(),
        replies,
        (talk, client, octets) -> new ImapPreAuth(talk, new ImapOffer(client, settings), octets),
        facts);
  }

  @Override
  public StoreDialogue withStore(StoreLogin login) {
    return ImapStoreWords.dialogue(login, settings.capabilities());
  }

  @Override
  public ProbeDialogue probe(StoreHost host, TlsPolicy tls) {
    return StoreTalk.probe(host, tls, settings.capabilities(), ImapStoreWords::new);
  }

  @Override
  public byte[] lastWords(Farewell why) {
    return replies.farewell(why).getBytes(StandardCharsets.ISO_8859_1);
  }
}

package org.openmmp.storesim.lmtp;

import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.session.NodeTls;
import org.openmmp.storesim.session.SessionEndpoint;

/** LMTP on one port of every node of a group. */
public final class LmtpEndpoint extends SessionEndpoint {
  /** The service of the usual port. */
  public static final String LMTP = "lmtp";

  private final Map<String, LmtpScript> scripts = new ConcurrentHashMap<>();
  private final Map<String, LmtpTranscript> transcripts = new ConcurrentHashMap<>();

  /** An endpoint of the service {@code lmtp}. */
  public LmtpEndpoint(NodeTls tls) {
    this(LMTP, tls);
  }

  /** An endpoint of any service name. */
  public LmtpEndpoint(String service, NodeTls tls) {
    super(service, tls);
  }

  /** Has the node of that name follow a script from its next command on. */
  public void script(String node, LmtpScript script) {
    scripts.put(node, script);
  }

  /** What the node of that name heard. */
  public LmtpTranscript transcript(String node) {
    return transcripts.computeIfAbsent(node, any -> new LmtpTranscript());
  }

  /** The script that the node of that name follows. */
  LmtpScript scriptOf(String node) {
    return scripts.getOrDefault(node, LmtpScript.HEALTHY);
  }

  @Override
  public void serve(Channel connection, StoreNode node) {
    LmtpInputFramer framer = new LmtpInputFramer();
    serve(
        connection,
        node,
        framer,
        LmtpInput.class,
        (ctx, session) ->
            new LmtpPhase(this, new LmtpOutput(ctx), framer, new ReadingPace(connection), session));
  }
}

package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.OpeningOctets;
import org.openmmp.wire.OpeningOctets.Kind;

/**
 * Looks at a peer's first octets as they pass by, until they tell what it speaks, and goes. What is
 * in place stays as it was; of what is not, the last octets are dropped.
 */
final class OpeningHandler extends ChannelInboundHandlerAdapter {
  private final OpeningOctets opening = new OpeningOctets();
  private final Map<Kind, Refusal> troubles;
  private final Consumer<Refusal> refused;

  /**
   * Looks at one connection.
   *
   * @param troubles what is wrong with each kind that should not be; one map for all connections
   * @param refused hears of a peer that speaks what it should not
   */
  OpeningHandler(Map<Kind, Refusal> troubles, Consumer<Refusal> refused) {
    this.troubles = troubles;
    this.refused = refused;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Kind kind = message instanceof ByteBuf octets ? look(octets) : Kind.OTHER;
    if (kind != Kind.UNDECIDED) {
      ctx.pipeline().remove(this);
    }
    @Nullable Refusal trouble = troubles.get(kind);
    if (trouble == null) {
      ctx.fireChannelRead(message);
    } else {
      ReferenceCountUtil.release(message);
      refused.accept(trouble);
    }
  }

  private Kind look(ByteBuf octets) {
    Kind kind = Kind.UNDECIDED;
    for (int i = octets.readerIndex(); i < octets.writerIndex() && kind == Kind.UNDECIDED; i++) {
      kind = opening.next(octets.getByte(i));
    }
    return kind;
  }
}

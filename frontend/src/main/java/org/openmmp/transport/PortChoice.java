package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Which of the sockets that listen on one port (SO_REUSEPORT) gets new connections: all of them in
 * turn, or one by its number. Linux numbers them in the order in which they were bound, and moves
 * the last into the place of one that is closed.
 */
final class PortChoice {
  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_REUSEPORT_CBPF = 51;
  private static final int SO_DETACH_REUSEPORT_BPF = 68;

  /** struct sock_fprog: how many instructions, and where they stand. */
  private static final int PROGRAM_OCTETS = 16;

  private static final int ADDRESS_AT = 8;

  /** struct sock_filter. */
  private static final int INSTRUCTION_OCTETS = 8;

  private static final int VALUE_AT = 4;

  /** BPF_RET | BPF_K: the value is the number of the socket. */
  private static final short RETURN_VALUE = 6;

  private static final RawUnixChannelOption ATTACH =
      new RawUnixChannelOption(
          "SO_ATTACH_REUSEPORT_CBPF", SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, PROGRAM_OCTETS);
  private static final IntegerUnixChannelOption DETACH =
      new IntegerUnixChannelOption("SO_DETACH_REUSEPORT_BPF", SOL_SOCKET, SO_DETACH_REUSEPORT_BPF);

  private PortChoice() {}

  /**
   * Has only the socket of that number get new connections; if there is none of it, all do.
   *
   * @return false if this system cannot
   */
  static boolean only(Channel listener, int number) {
    if (!(listener instanceof EpollServerSocketChannel)) {
      return false;
    }
    ByteBuf instruction = Unpooled.directBuffer(INSTRUCTION_OCTETS);
    try {
      ByteBuffer octets =
          instruction.internalNioBuffer(0, INSTRUCTION_OCTETS).order(ByteOrder.nativeOrder());
      int start = octets.position();
      octets.putLong(start, 0).putShort(start, RETURN_VALUE).putInt(start + VALUE_AT, number);
      ByteBuffer program = ByteBuffer.allocateDirect(PROGRAM_OCTETS).order(ByteOrder.nativeOrder());
      program.putShort(0, (short) 1).putLong(ADDRESS_AT, instruction.memoryAddress());
      return listener.config().setOption(ATTACH, program);
    } catch (ChannelException refused) {
      return false;
    } finally {
      instruction.release();
    }
  }

  /** Has all of them get new connections. */
  static void all(Channel listener) {
    if (listener instanceof EpollServerSocketChannel) {
      try {
        listener.config().setOption(DETACH, 1);
      } catch (ChannelException nothingWasAttached) {
        // All get them then.
      }
    }
  }
}

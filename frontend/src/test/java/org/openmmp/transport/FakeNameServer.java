package org.openmmp.transport;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A name server of the test, over UDP (RFC 1035): addresses of IPv4, or no such name. */
final class FakeNameServer implements AutoCloseable {
  private static final int HEADER = 12;
  private static final short TYPE_A = 1;
  private static final short ANSWERED = (short) 0x8180;
  private static final short NO_SUCH_NAME = (short) 0x8183;
  private static final short POINTER_TO_QUESTION = (short) 0xc00c;
  private static final int TTL_SECONDS = 3_600;

  private final DatagramSocket socket;
  private final Map<String, byte[]> addresses = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private volatile boolean silent;
  private volatile boolean silentOnOtherTypes;
  private volatile int ignored;

  FakeNameServer() throws IOException {
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread thread = new Thread(this::serve, "name-server");
    thread.setDaemon(true);
    thread.start();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  void answer(String name, String address) throws IOException {
    addresses.put(name, InetAddress.getByName(address).getAddress());
  }

  void forget(String name) {
    addresses.remove(name);
  }

  void beSilent() {
    silent = true;
  }

  /** It answers nothing but questions for IPv4 addresses, as broken ones do. */
  void beSilentOnOtherTypes() {
    silentOnOtherTypes = true;
  }

  /** It loses so many of the next questions. */
  void lose(int questions) {
    ignored = questions;
  }

  /** How often the IPv4 address of a name was asked for. */
  int asked(String name) {
    AtomicInteger count = asked.get(name);
    return count == null ? 0 : count.get();
  }

  private void serve() {
    byte[] buffer = new byte[1_500];
    while (!socket.isClosed()) {
      try {
        DatagramPacket query = new DatagramPacket(buffer, buffer.length);
        socket.receive(query);
        if (!silent) {
          ByteBuffer octets = ByteBuffer.wrap(query.getData(), 0, query.getLength());
          boolean lost = ignored > 0 || (silentOnOtherTypes && typeOf(octets) != TYPE_A);
          ignored = Math.max(0, ignored - 1);
          if (lost) {
            continue;
          }
          byte[] reply = reply(octets);
          socket.send(new DatagramPacket(reply, reply.length, query.getSocketAddress()));
        }
      } catch (IOException e) {
        socket.close();
      }
    }
  }

  /** The type that the question ends with, before its class. */
  private static short typeOf(ByteBuffer query) {
    int end = HEADER;
    while (query.get(end) != 0) {
      end += query.get(end) + 1;
    }
    return query.getShort(end + 1);
  }

  private byte[] reply(ByteBuffer query) {
    short id = query.getShort();
    query.position(HEADER);
    StringBuilder name = new StringBuilder();
    for (int length = query.get(); length > 0; length = query.get()) {
      byte[] label = new byte[length];
      query.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
    }
    short type = query.getShort();
    query.getShort();
    byte[] question = new byte[query.position() - HEADER];
    query.get(HEADER, question);
    if (type == TYPE_A) {
      asked.computeIfAbsent(name.toString(), key -> new AtomicInteger()).incrementAndGet();
    }
    byte[] address = addresses.get(name.toString());
    boolean answers = address != null && type == TYPE_A;
    ByteBuffer reply = ByteBuffer.allocate(512);
    reply.putShort(id).putShort(address == null ? NO_SUCH_NAME : ANSWERED);
    reply.putShort((short) 1).putShort((short) (answers ? 1 : 0)).putShort((short) 0);
    reply.putShort((short) 0).put(question);
    if (address != null && answers) {
      reply.putShort(POINTER_TO_QUESTION).putShort(TYPE_A).putShort((short) 1);
      reply.putInt(TTL_SECONDS).putShort((short) address.length).put(address);
    }
    byte[] octets = new byte[reply.position()];
    reply.get(0, octets);
    return octets;
  }

  @Override
  public void close() {
    socket.close();
  }
}

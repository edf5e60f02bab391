// What the columns of the tools mean, as sim/replay/columns.h tells it.
#include "viz/theme/phrases/phrase.h"

namespace fourtuple::viz {
namespace {

const Phrase column_list[] = {
    // ss
    {"Protocol of the socket. Absent when only one protocol is listed.",
     "ソケットのプロトコル。一種類だけの表示では省かれる。"},
    {"TCP state (RFC 9293). UDP: ESTAB after connect(), else UNCONN.",
     "TCP の状態 (RFC 9293)。UDP は connect() 後が ESTAB、ほかは UNCONN。"},
    {"LISTEN: connections that wait for accept(). Other TCP: bytes arrived and not yet read; the peer's FIN counts 1. "
     "UDP: buffer memory of the datagrams not yet read, which is more than their bytes.",
     "LISTEN: accept() を待つ接続の数。ほかの TCP: 届いて未読のバイト数で、相手の FIN は 1 と数える。UDP: "
     "未読データグラムのバッファー量で、バイト数より多い。"},
    {"LISTEN: the backlog, how many may wait. Other TCP: bytes not yet acknowledged; SYN and FIN count 1.",
     "LISTEN: 待てる数 (backlog)。ほかの TCP: 未確認のバイト数で、SYN と FIN は 1 と数える。"},
    {"This end. 0.0.0.0 and [::] accept at any address of their family, * at any of both; ::ffff:a.b.c.d is an IPv4 "
     "address in an IPv6 socket.",
     "こちらの端。0.0.0.0 と [::] は各ファミリーの全アドレス、* は両方。::ffff:a.b.c.d は IPv6 ソケットの IPv4 "
     "アドレス。"},
    {"The other end; * means anyone.", "相手の端。* は誰でも。"},
    {"users: who holds the socket, with process id and descriptor; none when only the kernel holds it (TIME-WAIT, "
     "after "
     "close(), before accept()). -o timer:(name, time left, retransmissions). -e uid of the owner, ino inode, sk "
     "cookie, v6only, and which directions are open: <-> both, --> only sending, <-- only receiving, --- none.",
     "users: ソケットを持つプロセスと pid、記述子。カーネルだけが持つとき (TIME-WAIT、close() 後、accept() 前) "
     "は空。-o "
     "timer:(名前、残り時間、再送回数)。-e 所有者の uid、inode、sk クッキー、v6only、開いている向き: <-> 両方、--> "
     "送信のみ、<-- 受信のみ、--- なし。"},
    {"Sockets of all kinds that processes or the kernel hold; TIME-WAIT is not one of them.",
     "プロセスやカーネルが持つ全種類のソケット。TIME-WAIT は含まない。"},
    {"TCP connections in ESTABLISHED or CLOSE-WAIT (CurrEstab of RFC 4022).",
     "ESTABLISHED か CLOSE-WAIT の TCP 接続 (RFC 4022 の CurrEstab)。"},
    {"TCP sockets without a place in a table: never bound, or over. The kernel's arithmetic adds timewait.",
     "表にない TCP ソケット: 未 bind か終了済み。カーネルの計算では timewait も足される。"},
    {"TCP connections no process holds any more, still finishing.", "どのプロセスも持たず、まだ終了中の TCP 接続。"},
    {"Connections in TIME-WAIT, and closed ones in FIN-WAIT-2.", "TIME-WAIT の接続と、閉じられた FIN-WAIT-2 の接続。"},
    {"Sockets by protocol and family: IP is IPv4. TIME-WAIT and SYN-RECV are not counted.",
     "プロトコルとファミリー別のソケット数。IP は IPv4。TIME-WAIT と SYN-RECV は数えない。"},
    {"Not simulated: 0.", "シミュレーション外: 0。"},
    {"u_str: an AF_UNIX stream socket. It has no IP address and no port, and no packet carries its data.",
     "u_str: AF_UNIX のストリームソケット。IP アドレスもポートもなく、データはパケットにならない。"},
    {"LISTEN, ESTAB, or UNCONN before connect().", "LISTEN、ESTAB、または connect() 前の UNCONN。"},
    {"Bytes arrived and not yet read; LISTEN: connections that wait for accept().",
     "届いて未読のバイト数。LISTEN: accept() を待つ接続の数。"},
    {"What the peer has not read; LISTEN: how many connections may wait.", "相手が未読の量。LISTEN: 待てる接続の数。"},
    {"A path in the file system, @ and a name without a file, or * without a name. The number is no port: it is the "
     "inode of the socket.",
     "ファイルシステムのパス、ファイルのない名前は @ 付き、名前なしは *。数はポートではなくソケットの inode。"},
    {"The other end is known by its inode only.", "相手は inode でしか分からない。"},
    {"Who holds the socket, with process id and descriptor.", "ソケットを持つプロセスと pid、記述子。"},
    // gauges
    {"TCP sockets", "TCP ソケット"},
    {"kernel memory", "カーネルのメモリー"},
    {"Held by processes; by the kernel alone while a connection ends; half open; in TIME-WAIT.",
     "プロセスが持つもの、接続の終了中にカーネルだけが持つもの、半開、TIME-WAIT。"},
    {"What Linux 6.18 takes for each kind of socket, and bytes that wait in their queues.",
     "Linux 6.18 がソケットの種類ごとに使う量と、待ち行列で待つバイト数。"},
    {"Each costs the processor some time, whatever its size.", "大きさによらず、一つごとに CPU 時間がかかる。"},
    {"Open descriptors of the process.", "プロセスの開いている記述子。"},
    {"RLIMIT_NOFILE: the next descriptor beyond it is EMFILE.", "RLIMIT_NOFILE: これを超える記述子は EMFILE になる。"},
    // netstat and lsof
    {"tcp, udp; with 6 when the socket is of IPv6, also if its peer is IPv4.",
     "tcp、udp。IPv6 ソケットでは相手が IPv4 でも 6 が付く。"},
    {"As in ss: bytes not yet read; LISTEN: connections that wait for accept().",
     "ss と同じ: 未読のバイト数。LISTEN: accept() を待つ接続の数。"},
    {"Bytes not yet acknowledged. LISTEN: 0, for /proc/net/tcp does not tell the backlog.",
     "未確認のバイト数。LISTEN: /proc/net/tcp に backlog がないので 0。"},
    {"This end; 0.0.0.0 and :: are any address. Cut to 22 characters with the port unless -W is given.",
     "こちらの端。0.0.0.0 と :: は全アドレス。-W がなければポート込みで 22 文字に切られる。"},
    {"The other end; 0.0.0.0:* and :::* mean anyone.", "相手の端。0.0.0.0:* と :::* は誰でも。"},
    {"TCP state with underscores; UDP: ESTABLISHED after connect(), else empty.",
     "TCP の状態 (下線付き)。UDP: connect() 後は ESTABLISHED、ほかは空。"},
    {"-e: number (-n) or name of the owner.", "-e: 所有者の番号 (-n) か名前。"},
    {"-e: the socket's inode; 0 when no process holds it.", "-e: ソケットの inode。持つプロセスがなければ 0。"},
    {"-p: who holds the socket; - when only the kernel does.", "-p: ソケットを持つプロセス。カーネルだけなら -。"},
    {"-o: off, on (retransmission), probe (closed window) or timewait; then (seconds left/retransmissions/probes).",
     "-o: off、on (再送)、probe (閉じたウィンドウ)、timewait。続いて (残り秒/再送回数/プローブ回数)。"},
    {"The process, its first nine characters.", "プロセス名の最初の 9 文字。"},
    {"Process id.", "プロセス ID。"},
    {"Who runs it.", "動かしているユーザー。"},
    {"Number of the descriptor; u: open for reading and writing.", "記述子の番号。u: 読み書き用。"},
    {"Family of the socket. An IPv6 socket may have an IPv4 peer.",
     "ソケットのファミリー。IPv6 ソケットの相手が IPv4 のこともある。"},
    {"For a socket its inode, as in /proc/PID/fd.", "ソケットでは inode。/proc/PID/fd と同じ。"},
    {"0t0: a socket has no size and no offset.", "0t0: ソケットに大きさや位置はない。"},
    {"Protocol.", "プロトコル。"},
    {"Local end, -> remote end, and the TCP state. * is any address.",
     "こちらの端 -> 相手の端、TCP の状態。* は全アドレス。"},
    // /proc
    {"Number of the line.", "行の番号。"},
    {"Address and port in hexadecimal. The address is in 32-bit words as the CPU stores them (little-endian), the port "
     "is not.",
     "16 進のアドレスとポート。アドレスは CPU の並び (リトルエンディアン) の 32 ビット語、ポートはそうではない。"},
    {"State: 01 ESTABLISHED, 02 SYN_SENT, 03 SYN_RECV, 04 FIN_WAIT1, 05 FIN_WAIT2, 06 TIME_WAIT, 07 CLOSE, 08 "
     "CLOSE_WAIT, 09 LAST_ACK, 0A LISTEN, 0B CLOSING.",
     "状態: 01 ESTABLISHED, 02 SYN_SENT, 03 SYN_RECV, 04 FIN_WAIT1, 05 FIN_WAIT2, 06 TIME_WAIT, 07 CLOSE, 08 "
     "CLOSE_WAIT, 09 LAST_ACK, 0A LISTEN, 0B CLOSING。"},
    {"Bytes not yet acknowledged and not yet read. LISTEN: rx_queue is the accept queue.",
     "未確認と未読のバイト数。LISTEN では rx_queue が受け入れ待ち行列。"},
    {"Timer: 00 none, 01 retransmission, 03 TIME_WAIT, 04 window probe; hundredths of seconds left.",
     "タイマー: 00 なし、01 再送、03 TIME_WAIT、04 ウィンドウプローブ。残りは 1/100 秒単位。"},
    {"Retransmissions without an answer.", "応答のない再送の回数。"},
    {"Number of the owner.", "所有者の番号。"},
    {"Window probes without an answer.", "応答のないウィンドウプローブの回数。"},
    {"As in /proc/PID/fd; 0 when no process holds the socket.", "/proc/PID/fd と同じ。持つプロセスがなければ 0。"},
    {"References, the kernel's pointer (hidden: zeros), retransmission timeout and ACK timeout in hundredths of "
     "seconds, quick ACKs * 2 + interactive, congestion window in segments, slow start threshold (-1: not yet set).",
     "参照数、カーネルのポインター (隠して 0)、1/100 秒単位の再送タイムアウトと ACK タイムアウト、quick ACK * 2 + "
     "対話的、セグメント単位の輻輳ウィンドウ、スロースタート閾値 (-1: 未設定)。"},
    {"Bucket of the hash table; here the port.", "ハッシュ表のバケット。ここではポート。"},
    {"07: not connected, 01: connected.", "07: 未接続、01: 接続済み。"},
    {"Buffer memory of datagrams on their way out and not yet read.", "送信途中と未読のデータグラムのバッファー量。"},
    {"Of TCP; zeros.", "TCP 用。0。"},
    {"Of TCP; 0.", "TCP 用。0。"},
    {"As in /proc/PID/fd.", "/proc/PID/fd と同じ。"},
    {"References; the kernel's pointer (hidden: zeros).", "参照数。カーネルのポインター (隠して 0)。"},
    {"Datagrams thrown away because the receive queue was full. Not counted here: 0.",
     "受信待ち行列が満杯で捨てられたデータグラム。ここでは数えず 0。"},
    {"l: a link; then what the owner may do with the descriptor. A file's mode of opening is not simulated: rwx.",
     "l: リンク。続いて所有者に許された操作。ファイルの開き方はシミュレーション外で rwx。"},
    {"Of the process.", "プロセスのもの。"},
    {"The instant shown; a simulation begins at midnight on the first of January, UTC.",
     "表示中の時点。シミュレーションは 1 月 1 日 0 時 (UTC) に始まる。"},
    {"The descriptor, and what it leads to: a terminal, a file, or socket:[inode].",
     "記述子と、その先: 端末、ファイル、または socket:[inode]。"},
    {"Number of the descriptor: the index into the process's table.", "記述子の番号: プロセスの表の添字。"},
    {"terminal, file, socket, unix (AF_UNIX), an end of a pipe, or epoll.",
     "端末、ファイル、ソケット、unix (AF_UNIX)、パイプの端、epoll。"},
    {"For a socket: protocol, both ends and the TCP state.", "ソケットでは、プロトコル、両端、TCP の状態。"},
    // ports, routes, conntrack, nft
    {"TCP and UDP have ports of their own: TCP 53 and UDP 53 are two things.",
     "TCP と UDP のポートは別々: TCP 53 と UDP 53 は別のもの。"},
    {"Local port.", "こちらのポート。"},
    {"Its name in /etc/services: a custom, not a rule.", "/etc/services の名前: 慣習で、決まりではない。"},
    {"RFC 6335: system 0-1023 (root only), user 1024-49151, dynamic 49152-65535. ephemeral: the kernel may choose it "
     "for a socket without a port (ip_local_port_range, 32768-60999 on Linux).",
     "RFC 6335: システム 0-1023 (root のみ)、ユーザー 1024-49151、動的 49152-65535。エフェメラル: "
     "ポートのないソケットにカーネルが選ぶことがある (ip_local_port_range、Linux では 32768-60999)。"},
    {"The local address it is bound to; 0.0.0.0, :: and * are all of them.",
     "bind されたアドレス。0.0.0.0、::、* は全アドレス。"},
    {"Listening (TCP), open (UDP), connections with a peer, and of these in TIME-WAIT.",
     "待ち受け (TCP)、開放 (UDP)、相手のある接続、うち TIME-WAIT。"},
    {"Who holds the sockets.", "ソケットを持つプロセス。"},
    {"The route with the longest matching prefix wins; default matches everything.",
     "最長一致の経路が選ばれる。default はすべてに一致する。"},
    {"The next router. Without it the destination is on this link.",
     "次のルーター。なければ宛先はこのリンク上にある。"},
    {"The interface.", "インターフェース。"},
    {"The address packets get when the sender did not choose one.",
     "送信側が選ばなかったとき、パケットに付くアドレス。"},
    {"Until the entry is forgotten unless another packet comes.", "次のパケットが来なければ、登録が消えるまでの秒数。"},
    {"Of the TCP tracker, a watcher in the middle: not the state of either end.",
     "TCP を途中で見る追跡の状態: どちらの端の状態でもない。"},
    {"Source and destination of the packet that opened the flow, with counters.",
     "フローを開いたパケットの送信元と宛先、カウンター付き。"},
    {"What answers look like. It differs from the first one reversed where NAT changed something.",
     "応答の形。NAT が変えたところは、最初の組の逆とは異なる。"},
    {"No answer yet; both directions seen: not dropped when the table is full.",
     "まだ応答なし。両方向を確認済み: 表が満杯でも捨てられない。"},
    {"ct mark: a number that rules store.", "ct mark: 規則が記憶する数。"},
    {"A base chain has a hook, a priority (lower first) and a policy for what no rule decided.",
     "ベースチェーンは、フック、優先度 (小さい順)、どの規則も決めないときのポリシーを持つ。"},
    {"Packets and bytes that came as far as this statement.", "この文まで来たパケットとバイトの数。"},
};

}  // namespace

std::span<const Phrase> column_phrases() {
  return column_list;
}

}  // namespace fourtuple::viz

// The sockets panel: tables of the tools, descriptors, and the port map.
#include "viz/theme/phrases/phrase.h"

namespace fourtuple::viz {
namespace {

const Phrase socket_list[] = {
    {"{n} process", "プロセス {0}"},
    {"{n} processes", "プロセス {0}"},
    {"{n} row", "{0} 行"},
    {"{n} rows", "{0} 行"},
    {"{n} rows, {n} changed", "{0} 行、変化 {1}"},
    {"{n} row, {n} changed", "{0} 行、変化 {1}"},
    {"changed", "変化"},
    {"new", "新規"},
    {"free", "空き"},
    {"fd table", "fd 表"},
    {"gauges", "計器"},
    {"port, service or word", "ポート・サービス・言葉"},
    {"the next open gets fd {n}", "次に開くと fd {0}"},
    {"the next open gets fd {n}; {n} of {n} are listed", "次に開くと fd {0}。{2} 個中 {1} 個を表示"},
    {"no IP socket", "IP ソケットでない"},
    {"socket without a peer", "相手のないソケット"},
    {"connected socket", "接続済みソケット"},
    {"unconnected", "未接続"},
    {"connected", "接続済み"},
    {"pipe, to read", "パイプ、読み出し"},
    {"pipe, to write", "パイプ、書き込み"},
    {"No program runs on this host.", "このホストで動くプログラムはありません。"},
    {"Nothing here has to do with '{}'.", "「{0}」に関わるものはありません。"},
    {"The tool lists nothing on this host at this instant.", "この時点、このホストでは、何も表示されません。"},
    {"The tables of the tools are not at hand.", "ツールの表は使えません。"},
    {"{}: {w} was {w}", "{0}: {1} (前は {2})"},
    {"was {}", "前は {0}"},
    {"These are from the first {n} sockets; {n} more are not listed. Search for a port to see all that have it.",
     "最初の {0} 個のソケットからの表示で、ほか {1} 個は省かれています。ポートで検索すると、すべて表示されます。"},
    // The port map.
    {"taken now", "使用開始"},
    {"changed now", "変化"},
    {"freed now", "解放"},
    {"free now", "解放"},
    {"bound only", "bind のみ"},
    {"closing", "終了中"},
    {"open to anyone", "誰にでも開放"},
    {"several of these", "複数"},
    {"system", "システム"},
    {"user", "ユーザー"},
    {"dynamic", "動的"},
    {"ephemeral", "エフェメラル"},
    {"no process", "プロセスなし"},
    {"system port, {n} to {n}", "システムポート、{0} から {1}"},
    {"user port, {n} to {n}", "ユーザーポート、{0} から {1}"},
    {"dynamic port, {n} to {n}", "動的ポート、{0} から {1}"},
    {"{s}, ephemeral", "{0}、エフェメラル"},
    {"{n} {s}", "{1} {0}"},
    {"{n} in use, if it is Linux", "使用中 {0} (Linux なら)"},
    {"none in use", "使用なし"},
    {"{n} of {n} in use", "{1} 中 {0} を使用"},
    {"{n} {w} ports in use", "{1} ポート {0} 個を使用"},
    {"{n} {w} port in use", "{1} ポート {0} 個を使用"},
    {"{s}, all ephemeral ones", "{0}、エフェメラルはすべて"},
    {"{s}, {n} changed", "{0}、変化 {1}"},
    {"also {}", "別名 {0}"},
    {"{}; also {}", "{0}。別名 {1}"},
    {"the kernel does not choose it by itself", "カーネルが自動で選ぶことはない"},
    {"ephemeral: the kernel may choose it", "エフェメラル: カーネルが選ぶことがある"},
    {"ephemeral, if the host runs Linux", "エフェメラル (Linux なら)"},
    {"No socket holds this port. Arrow keys move from port to port, Page Up and Page Down to the next one in use; "
     "Enter "
     "or a click selects its socket.",
     "このポートを持つソケットはありません。矢印キーでポートを、Page Up・Page Down "
     "で使用中のポートを移動し、Enter かクリックでソケットを選びます。"},
    {"and {n} more sockets", "ほかのソケット {0}"},
    {"No service is called so", "その名前のサービスはない"},
    {"{n} found", "{0} 件"},
    {"This computer has no /etc/services: only well-known names are found. The package netbase brings the file. "
     "Numbers "
     "always work.",
     "このコンピューターには /etc/services がないので、よく知られた名前だけが見つかります。netbase "
     "パッケージで入ります。番号はいつでも使えます。"},
    {"port or service", "ポートやサービス"},
    {"system {w}", "システム {0}"},
    {"user {w}", "ユーザー {0}"},
    {"dynamic {w}", "動的 {0}"},
    {"ephemeral {w}", "エフェメラル {0}"},
};

}  // namespace

std::span<const Phrase> socket_phrases() {
  return socket_list;
}

}  // namespace fourtuple::viz

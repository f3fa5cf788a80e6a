package io.coterie.agent;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * English as the help index sees it: text becomes words, words become terms. A term stands for all
 * forms of a word and for its synonyms, so that "deleting", "removed" and "erase" are one.
 */
final class HelpWords {

  /** Say nothing about the subject of a question. */
  private static final Set<String> STOP =
      words(
          """
          a about actually all also always am an and any anybody anyone anything are as at basically be been being
          but by can     could   describe did do does   doing   each eg either else etc even
          ever every exactly explain for from give go goes going gonna good guys had has have
            having hello help here hey hi how however i id if ill im in into is   it its itself ive just
          kindly know let lets like look looking lot   maybe me might mine must my myself
          now of off ok okay on only onto or other our out over perhaps please possible possibly quickly really
          say says shall she should show so some somebody someone something somehow such supposed sure tell
          than thanks that thats the their them then there theres these they thing things this those though to too
          try trying up us use used using very want wanted wants was way we well were what whatever whats
          which           will with   would   x you your yours youre longer against via through during while before until under whole m s re ve t d
          without thru onto whether regardless endpoint endpoints route routes url way ways method toward towards supposedly apparently anyway within
          """);

  /** Each line: words that mean the same here, the first standing for all. */
  private static final String SYNONYMS =
      """
      register registration signup enroll enrol
      login signin logon authenticate authentication
      logout signout
      delete remove erase destroy wipe deletion
      create make new creation making
      stop cancel abort halt kill terminate quit interrupt
      reply answer response respond generation generate generating replies
      agent bot assistant
      chat conversation thread dialogue
      message prompt
      not no nobody cannot cant couldnt dont doesnt havent isnt wont wouldnt unable never didnt arent
      list show see view display
      change update modify alter edit set switch
      send post submit
      connect connection connecting
      model llm
      error fail failure problem trouble complain complaint
      start launch boot begin
      install download installation
      store save keep kept storage
      licence license
      memory ram
      password passwd passphrase pwd
      machine computer laptop pc
      expire expiry expiration ttl lifetime valid expired
      lose lost loss losing
      history previous past earlier
      limit maximum max
      token jwt bearer
      configure configuration config setting option preference
      environment env
      https tls ssl
      talk speak
      admin administrator superuser
      several multiple
      openai gpt chatgpt
      anthropic claude
      price cost pay charge
      folder directory
      log logging
      mention tag address
      rename retitle
      crash die dying
      forget forgot forgotten
      strange stranger
      upgrade release newer
      disconnect reconnect
      share invite collaborate
      forbid prevent disallow disable restrict block prohibit
      local locally
      poll polling
      proxy nginx
      """;

  private static final Map<Pattern, String> PHRASES =
      Map.ofEntries(
          phrase("(?:log|logs|logged|logging|sign|signs|signed|signing) in(?:to)?", "login"),
          phrase("(?:log|logs|logged|logging|sign|signs|signed|signing) out", "logout"),
          phrase("(?:sign|signs|signed|signing) up", "signup"),
          phrase("web sockets?", "websocket"),
          phrase("back(?:ed|ing|s)? up", "backup"),
          phrase("shut(?:ting|s)? (?:it )?down", "shutdown"),
          phrase("one[ -]?time", "onetime"),
          phrase("e[ -]mail", "email"),
          phrase("socket[ .]io", "socketio"),
          phrase("server[ -]sent(?: events?)?", "sse"),
          phrase("open ai", "openai"),
          phrase("(?:set|sets|setting) up", "setup"),
          phrase("(?:get|gets|getting|got) rid of", "delete"),
          phrase("env vars?", "environment variable"),
          phrase("how long", "howlong"),
          phrase("how many", "howmany"),
          phrase("how much", "howmuch"),
          phrase("0\\.0\\.0\\.0", "allinterfaces"),
          phrase("127\\.0\\.0\\.1", "localhost"),
          phrase("(?:from|on|in|using|with) the (?:command line|terminal|shell)", "curl"),
          phrase("real time", "realtime"),
          phrase("step by step", "stepbystep"),
          phrase("api keys?", "api apikey"));

  private static final Pattern NOT_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final Map<String, String> CANONICAL = canonical();

  /** Of little weight, and never a reason to answer by themselves. */
  private static final Set<String> WEAK =
      terms(
          """
          able again already another back become between call certain come current different during easy enough first
          full happen happening howlong howmany howmuch kind mean meaning more most much name next part person place
          people point properly put question real right simple still stuff sudden take time today work world year day
          week minute hour thank word long far big small great nice old anymore allow allowed own need same behind support not get gets got getting who where when why may one ones specific
          """);

  /**
   * Of little weight where the help has no use for them: they say how something is asked for, not
   * what it is about. Any other word that the help does not know counts against an answer.
   */
  private static final Set<String> FILLER =
      terms(
          """
          about absolutely accidentally achieve actual additional advice afterwards ago alive alone along although
          always amount apply approach appropriate around aside automatically available avoid aware away bad badly
          begin believe bit both bother bring brief briefly broken busy   careful case cause chance check choose
          clear clearly close common complete completely concern confuse confused consider contain continue
          correct correctly couple curious damn deal decide definitely detail difficult direction directly due early
          earlier effect either ensure entire entirely especially event everyday exist existing expect explain
          explanation extra fact fast fair feel few fewer figure final finally find fine finish finished   fix
          following force found friend front gone   guess guide half hand handle handy hard hear held hence hint
          hold hope hour idea immediately important include indeed info information initially inside instance
          instead instruction interest interested involve issue keep key latest lately learn least leave less
          little load   lots   manage manually matter mention mind miss mistake moment month mostly move
          must necessary new newbie newest next nice nobody none normal normally nothing notice number obtain obvious
          occur often ones opposed option order ordinary otherwise outside particular perform person pick piece
          plain plan pleased plus practice prefer pretty previously probably proceed procedure process proper properly
          proud provide purpose quick quickly quite rather reach ready realise realize reason recently recommended
          regard related relevant remain remember require respect rest route run safe safely say scenario search
          second seem seen sense separate serious set several shortly side similar simply since single situation
          slow small solution solve soon sorry     stage standard state step straight strange struggle stuck
          suddenly suggest suitable suppose sure surely task   temporarily term test together total totally touch
          tricky turn twice type typical unclear understand unfortunately usual usually various verify via view wait
          wanna wish wonder wondering worry worth wrong yet possible sleep asynchronous ask asking handled else id
          overview straightforward remember recall execute type inside anywhere somewhere everywhere nowhere myself ourselves himself herself yourself
          asap whenever wherever whichever forever sometime sometimes meanwhile regarding concerning
          """);

  /** What people do with things: worth less than the names of the things. */
  private static final Set<String> ACTIONS =
      terms(
          """
          setup configure run check test open find enable call write read move change create add install start stop
          connect send list delete store program command line access turn launch save fetch look perform work go pick
          choose handle support bring activate apply enter submit transfer prevent allow possible call
          """);

  private HelpWords() {}

  private static Map.Entry<Pattern, String> phrase(String words, String term) {
    return Map.entry(Pattern.compile("\\b" + words + "\\b"), term);
  }

  /** The words of a text block, divided by white space. */
  static Set<String> words(String lines) {
    return Set.copyOf(List.of(lines.strip().split("\\s+")));
  }

  /** The lines of a text block. */
  static Set<String> lines(String block) {
    return Set.copyOf(block.strip().lines().map(String::strip).toList());
  }

  private static Set<String> terms(String lines) {
    Set<String> terms = new HashSet<>();
    words(lines).forEach(word -> terms.add(term(word)));
    return Set.copyOf(terms);
  }

  private static Map<String, String> canonical() {
    Map<String, String> map = new HashMap<>();
    SYNONYMS
        .lines()
        .map(line -> line.split(" "))
        .forEach(
            group -> {
              for (String word : group) {
                map.put(stem(word), stem(group[0]));
              }
            });
    return Map.copyOf(map);
  }

  /** The words of a text in lower case, with those that belong together joined. */
  static List<String> split(String text) {
    String plain =
        text.toLowerCase(Locale.ROOT)
            .replaceAll("['’`´]", "")
            .replaceAll("@(?![\\w])", " mention ");
    for (Map.Entry<Pattern, String> phrase : PHRASES.entrySet()) {
      plain = phrase.getKey().matcher(plain).replaceAll(phrase.getValue());
    }
    List<String> words = new ArrayList<>();
    for (String word : NOT_WORD.split(plain)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }

  static boolean isStop(String word) {
    return STOP.contains(word);
  }

  static boolean isWeak(String term) {
    return WEAK.contains(term);
  }

  static boolean isFiller(String term) {
    return FILLER.contains(term);
  }

  static boolean isAction(String term) {
    return ACTIONS.contains(term);
  }

  /** The term that a word stands for. */
  static String term(String word) {
    String stem = stem(word);
    return CANONICAL.getOrDefault(stem, stem);
  }

  /** Takes the usual endings off, consistently rather than correctly. */
  static String stem(String word) {
    if (word.length() <= 3 || word.chars().anyMatch(Character::isDigit)) {
      return word;
    }
    String stem = withoutPlural(word);
    stem = without(stem, "ly", 5);
    stem = without(stem, "able", 4);
    stem = without(stem, "ation", 4);
    stem = without(stem, "ing", 3);
    stem = without(stem, "ed", 3);
    stem = without(stem, "ion", 4);
    stem = without(stem, "or", 6);
    stem = without(stem, "e", 3);
    int last = stem.length() - 1;
    if (last > 2 && stem.charAt(last) == stem.charAt(last - 1)) {
      stem = stem.substring(0, last);
    }
    return stem.endsWith("y") ? stem.substring(0, stem.length() - 1) + "i" : stem;
  }

  private static String withoutPlural(String word) {
    if (!word.endsWith("s") || endsWithAny(word, "ss", "us", "is")) {
      return word;
    }
    if (word.endsWith("ies") && word.length() > 4) {
      return word.substring(0, word.length() - 3) + "y";
    }
    int ending = endsWithAny(word, "xes", "ches", "shes", "sses", "zes") ? 2 : 1;
    return word.substring(0, word.length() - ending);
  }

  private static boolean endsWithAny(String word, String... endings) {
    for (String ending : endings) {
      if (word.endsWith(ending)) {
        return true;
      }
    }
    return false;
  }

  private static String without(String word, String ending, int least) {
    int rest = word.length() - ending.length();
    if (rest < least || !word.endsWith(ending)) {
      return word;
    }
    for (int i = 0; i < rest; i++) {
      if ("aeiouy".indexOf(word.charAt(i)) >= 0) {
        return word.substring(0, rest);
      }
    }
    return word;
  }

  /**
   * Whether two words differ by one slip: a letter too many, one missing, a wrong one, or two
   * changed places.
   */
  static boolean oneSlip(String a, String b) {
    if (a.length() > b.length()) {
      return oneSlip(b, a);
    }
    if (b.length() - a.length() > 1 || a.equals(b)) {
      return false;
    }
    int i = 0;
    while (i < a.length() && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    if (a.length() < b.length()) {
      return a.substring(i).equals(b.substring(i + 1));
    }
    boolean wrong = a.substring(i + 1).equals(b.substring(i + 1));
    boolean swapped =
        i + 1 < a.length()
            && a.charAt(i) == b.charAt(i + 1)
            && a.charAt(i + 1) == b.charAt(i)
            && a.substring(i + 2).equals(b.substring(i + 2));
    return wrong || swapped;
  }
}

package io.coterie.guide;

/** The words that the help index treats specially, as text blocks; see {@link HelpWords}. */
final class HelpVocabulary {

  /** Say nothing about the subject of a question. */
  static final String STOP =
      """
      a about actually against all also always am an and any anybody anyone anything anyway
      apparently are as at basically be been before being but by can could d describe did do does
      doing during each eg either else endpoint endpoints etc even ever every exactly explain for
      from give go goes going gonna good guys had has have having hello help here hey hi how
      however i id if ill im in into is it its itself ive just kindly know let lets like longer
      look looking lot m maybe me method might mine must my myself now of off ok okay on only onto
      or other our out over perhaps please possible possibly quickly re really regardless route
      routes s say says shall she should show so some somebody somehow someone something such
      supposed supposedly sure t tell than thanks that thats the their them then there theres
      these they thing things this those though through thru to too toward towards try trying
      under until up url us use used using ve very via want wanted wants was way ways we well were
      what whatever whats whether which while whole will with within without would x you your
      youre yours
      """;

  /** Each line: words that mean the same here, the first standing for all. */
  static final String SYNONYMS =
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
      history previous past earlier older
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
      colleague coworker teammate
      delegate delegation
      email mail
      """;

  /** Of little weight, and never a reason to answer by themselves. */
  static final String WEAK =
      """
      able again allow allowed already another anymore back become behind between big bigger call certain
      come current day different during easy enough everything far first full get gets getting got great
      happen happening hour howlong howmany howmuch kind long may mean meaning minute more most
      much name need next nice not old one ones own part people person place point properly put
      question real right same simple small specific still stuff sudden support take thank time
      today week when where who why word work world year
      """;

  /**
   * Of little weight where the help has no use for them: they say how something is asked for, not
   * what it is about. Any other word that the help does not know counts against an answer.
   */
  static final String FILLER =
      """
      about absolutely accidentally achieve actual additional advice afterwards ago alive alone
      along although always amount anywhere apply approach appropriate around asap aside ask
      asking asynchronous automatically available avoid aware away bad badly begin believe bit
      both bother brief briefly bring broken busy careful case cause chance check choose clear
      clearly close common complete completely concern concerning confuse confused consider
      contain continue declare correct correctly couple curious damn deal decide definitely detail
      difficult direction directly due earlier early effect either else ensure entire entirely
      especially event everyday everywhere execute exist existing expect explain explanation extra
      fact fair fast feel few fewer figure final finally find fine finish finished fix following
      force forever found friend front gone guess guide half hand handle handled handy hard hear
      held hence herself himself hint hold hope hour id idea immediately important include indeed
      info information initially inside instance instead instruction interest interested involve
      issue keep key lately latest learn least leave less little load lots manage manually matter
      meanwhile mention mind miss mistake moment month mostly move must myself necessary new
      newbie newest next nice nobody none normal normally nothing notice nowhere number obtain
      obvious occur often ones opposed option order ordinary otherwise ourselves outside overview
      particular perform person pick piece plain plan pleased plus possible practice prefer pretty
      previously probably procedure quickest fastest easiest proceed process proper properly proud
      provide purpose quick quickly quite rather reach ready realise realize reason recall
      recently recommended regard regarding related relevant remain remember require respect rest
      route run safe safely say scenario search second seem seen sense separate serious set
      several shortly side similar simply since single situation sleep slow small solution solve
      sometime sometimes somewhere soon sorry stage standard state step straight straightforward
      strange struggle stuck suddenly suggest suitable suppose sure surely task temporarily term
      test together total totally touch tricky turn twice type typical unclear understand
      unfortunately usual usually various verify via view wait wanna whenever wherever whichever
      wish wonder wondering worry worth wrong yet yourself code http receive request respond
      return returned script throw
      """;

  /** Words of their own, one letter away from a word of the help. */
  static final String NO_SLIPS =
      """
      black cancer cash chant chap chart charts chose clash crush lever loyal lunch modal morel
      motel pasta poker police pooling pork rely replay sharp shore smart sport spot spring stare
      stark statue steam sting stone story stove streak
      """;

  /** What people do with things: worth less than the names of the things. */
  static final String ACTIONS =
      """
      access activate add allow apply bring call change check choose command configure connect
      create delete enable enter fetch find go handle install launch line list look move open
      perform pick possible prevent program read receive run save send setup start stop store submit
      support test transfer turn work write
      """;

  private HelpVocabulary() {}
}

<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>{} is fetched, and ready.</source>
        <translation>{} ist geholt und bereit.</translation>
    </message>
    <message>
        <source>checking {}</source>
        <translation>{} wird geprüft</translation>
    </message>
    <message>
        <source>paused: {}</source>
        <translation>angehalten: {}</translation>
    </message>
    <message>
        <source>fetching {}</source>
        <translation>{} wird geholt</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>{}/s</source>
        <translation>{}/s</translation>
    </message>
    <message>
        <source>{} left</source>
        <translation>noch {}</translation>
    </message>
    <message>
        <source>{} to go</source>
        <translation>noch {}</translation>
    </message>
    <message>
        <source>What should it know?</source>
        <translation>Was soll gemerkt werden?</translation>
    </message>
    <message>
        <source>Choose folders or files, or drop them here. They are read in the background and stay where they are. You can do this at any time by dropping them on the tray icon.</source>
        <translation>Ordner oder Dateien wählen oder hier ablegen. Sie werden im Hintergrund gelesen und bleiben, wo sie sind. Das geht jederzeit: einfach auf dem Symbol im Infobereich ablegen.</translation>
    </message>
    <message>
        <source>Folders and files to remember</source>
        <translation>Ordner und Dateien, die gemerkt werden</translation>
    </message>
    <message>
        <source>Choose a &amp;folder…</source>
        <translation>&amp;Ordner wählen…</translation>
    </message>
    <message>
        <source>Choose f&amp;iles…</source>
        <translation>Date&amp;ien wählen…</translation>
    </message>
    <message>
        <source>Add my &amp;documents</source>
        <translation>Meine &amp;Dokumente hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>Nothing is chosen yet. Without documents you can try it with three samples.</source>
        <translation>Noch ist nichts gewählt. Ohne Dokumente geht es mit drei Beispielen.</translation>
    </message>
    <message>
        <source>{} document is known already.</source>
        <translation>{} Dokument ist schon bekannt.</translation>
    </message>
    <message>
        <source>{} documents are known already.</source>
        <translation>{} Dokumente sind schon bekannt.</translation>
    </message>
    <message>
        <source>Nothing more is chosen.</source>
        <translation>Nichts weiter ist gewählt.</translation>
    </message>
    <message>
        <source>Remember a folder</source>
        <translation>Ordner merken</translation>
    </message>
    <message>
        <source>Remember files</source>
        <translation>Dateien merken</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>Wählen</translation>
    </message>
    <message>
        <source>The key to ask</source>
        <translation>Die Taste zum Fragen</translation>
    </message>
    <message>
        <source>A language model, if you like</source>
        <translation>Ein Sprachmodell, wenn gewünscht</translation>
    </message>
    <message>
        <source>With one, answers are written in full sentences. Without one, they are quotes from your documents.</source>
        <translation>Mit einem Modell sind Antworten ganze Sätze. Ohne sind sie Zitate aus den Dokumenten.</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>I have model files</source>
        <translation>Modelldateien sind vorhanden</translation>
    </message>
    <message>
        <source>&amp;Continue</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>&amp;Look up the download</source>
        <translation>&amp;Angebot nachsehen</translation>
    </message>
    <message>
        <source>&amp;Fetch {}</source>
        <translation>{} &amp;holen</translation>
    </message>
    <message>
        <source>&amp;Take them</source>
        <translation>&amp;Übernehmen</translation>
    </message>
    <message>
        <source>Looking at this machine…</source>
        <translation>Dieser Rechner wird angesehen…</translation>
    </message>
    <message>
        <source>A &amp;small, quick assistant</source>
        <translation>Ein &amp;kleiner, schneller Assistent</translation>
    </message>
    <message>
        <source>The &amp;best for this machine</source>
        <translation>Das &amp;Beste für diesen Rechner</translation>
    </message>
    <message>
        <source>&amp;None now</source>
        <translation>Vorerst k&amp;eines</translation>
    </message>
    <message>
        <source>There already: {}.</source>
        <translation>Schon vorhanden: {}.</translation>
    </message>
    <message>
        <source>Looking it up asks huggingface.co for names, sizes and licences; nothing of yours is sent. Only the next press fetches, in the background.</source>
        <translation>Das Nachsehen fragt huggingface.co nach Namen, Größen und Lizenzen; nichts Eigenes wird gesendet. Erst der nächste Druck holt, im Hintergrund.</translation>
    </message>
    <message>
        <source>You can add one at any time in Settings, Models.</source>
        <translation>Ein Modell lässt sich jederzeit unter Einstellungen, Modelle hinzufügen.</translation>
    </message>
    <message>
        <source>No model fits the memory of this machine well. Answers are quotes from your documents.</source>
        <translation>Kein Modell passt gut in den Speicher dieses Rechners. Antworten sind Zitate aus den Dokumenten.</translation>
    </message>
    <message>
        <source>Asking the hub…</source>
        <translation>Der Hub wird gefragt…</translation>
    </message>
    <message>
        <source> One has no known licence: check it first.</source>
        <translation> Eines hat keine bekannte Lizenz: bitte erst prüfen.</translation>
    </message>
    <message>
        <source>{files}, {size} to fetch, {free} free on the disk. Licences: {licences}.{unknown}</source>
        <translation>{files}, {size} zu holen, {free} frei auf dem Datenträger. Lizenzen: {licences}.{unknown}</translation>
    </message>
    <message>
        <source>{} file</source>
        <translation>{} Datei</translation>
    </message>
    <message>
        <source>{} files</source>
        <translation>{} Dateien</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Antworten</translation>
    </message>
    <message>
        <source>Search by meaning</source>
        <translation>Suche nach Bedeutung</translation>
    </message>
    <message>
        <source>Model for {}</source>
        <translation>Modell für {}</translation>
    </message>
    <message>
        <source>none named</source>
        <translation>keine genannt</translation>
    </message>
    <message>
        <source>Choose &amp;GGUF files…</source>
        <translation>&amp;GGUF-Dateien wählen…</translation>
    </message>
    <message>
        <source>Drop GGUF files here. They stay where they are.</source>
        <translation>GGUF-Dateien hier ablegen. Sie bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>{}: being read…</source>
        <translation>{}: wird gelesen…</translation>
    </message>
    <message>
        <source>used for {}</source>
        <translation>verwendet für {}</translation>
    </message>
    <message>
        <source>on the list of models</source>
        <translation>in der Liste der Modelle</translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation>Modell hinzufügen</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>Modelle (*.gguf)</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Ask a first question</source>
        <translation>Eine erste Frage</translation>
    </message>
    <message>
        <source>&amp;Take the sample out of memory</source>
        <translation>Beispiel aus dem Gedächtnis &amp;nehmen</translation>
    </message>
    <message>
        <source>&amp;Ask</source>
        <translation>&amp;Fragen</translation>
    </message>
    <message>
        <source>What would you like to know?</source>
        <translation>Was soll beantwortet werden?</translation>
    </message>
    <message>
        <source>Your question</source>
        <translation>Die Frage</translation>
    </message>
    <message>
        <source>No answer</source>
        <translation>Keine Antwort</translation>
    </message>
    <message>
        <source>From what you asked to remember</source>
        <translation>Aus dem, was gemerkt werden sollte</translation>
    </message>
    <message>
        <source>From your documents</source>
        <translation>Aus eigenen Dokumenten</translation>
    </message>
    <message>
        <source>Without a model</source>
        <translation>Ohne Modell</translation>
    </message>
    <message>
        <source>The sample is out of memory.</source>
        <translation>Das Beispiel ist nicht mehr im Gedächtnis.</translation>
    </message>
    <message>
        <source>There are no documents yet, so here are three samples. A click puts one into your memory and asks about it; you can take it out again below the answer.</source>
        <translation>Noch gibt es keine Dokumente, darum hier drei Beispiele. Ein Klick legt eines ins Gedächtnis und fragt danach; unter der Antwort lässt es sich wieder herausnehmen.</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Pages of the answer</source>
        <translation>Seiten der Antwort</translation>
    </message>
    <message>
        <source>&amp;Done</source>
        <translation>&amp;Fertig</translation>
    </message>
    <message>
        <source>Asking…</source>
        <translation>Wird gefragt…</translation>
    </message>
    <message>
        <source>Waiting for your answer…</source>
        <translation>Wartet auf eine Antwort…</translation>
    </message>
    <message>
        <source>&amp;Take the samples out of memory</source>
        <translation>Beispiele aus dem Gedächtnis &amp;nehmen</translation>
    </message>
    <message>
        <source>The samples are out of memory.</source>
        <translation>Die Beispiele sind nicht mehr im Gedächtnis.</translation>
    </message>
    <message>
        <source>{name} · p. {page}</source>
        <translation>{name} · S. {page}</translation>
    </message>
    <message>
        <source>Ask about your documents; what is still being read can be found page by page.</source>
        <translation>Fragen zu den Dokumenten stellen; was noch gelesen wird, ist Seite für Seite zu finden.</translation>
    </message>
    <message>
        <source>Reading {name} · {count} to go</source>
        <translation>{name} wird gelesen · noch {count}</translation>
    </message>
    <message>
        <source>Sample questions</source>
        <translation>Beispielfragen</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>Lesen</translation>
    </message>
    <message>
        <source>, {} of graphics memory</source>
        <translation>, {} Grafikspeicher</translation>
    </message>
    <message>
        <source>This machine has {ram} of memory{graphics} and {cores} cores; models may take {room} of it.</source>
        <translation>Dieser Rechner hat {ram} Speicher{graphics} und {cores} Kerne; Modelle dürfen davon {room} nehmen.</translation>
    </message>
    <message>
        <source>To fetch: about {}.</source>
        <translation>Zu holen: etwa {}.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keins</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>passt</translation>
    </message>
    <message>
        <source>slow</source>
        <translation>langsam</translation>
    </message>
    <message>
        <source>won’t fit</source>
        <translation>passt nicht</translation>
    </message>
    <message>
        <source>This key opens the popup in every window. Keep it, or press the button and then the keys you like.</source>
        <translation>Diese Taste öffnet das Popup in jedem Fenster. Sie kann bleiben, oder Schaltfläche drücken und dann die gewünschten Tasten.</translation>
    </message>
    <message>
        <source>It works.</source>
        <translation>Es geht.</translation>
    </message>
    <message>
        <source>Try it now: press {}.</source>
        <translation>Jetzt ausprobieren: {} drücken.</translation>
    </message>
    <message>
        <source>Your documents, answered</source>
        <translation>Die eigenen Dokumente antworten</translation>
    </message>
    <message>
        <source>Ask from anywhere</source>
        <translation>Fragen von überall</translation>
    </message>
    <message>
        <source>Press a key, type a question. The answer quotes your documents, and each quote opens its page.</source>
        <translation>Taste drücken, Frage tippen. Die Antwort zitiert die Dokumente, und jedes Zitat öffnet seine Seite.</translation>
    </message>
    <message>
        <source>Drop what it should know</source>
        <translation>Ablegen, was gemerkt werden soll</translation>
    </message>
    <message>
        <source>Drop files or folders on the tray icon. They are read, and stay where they are.</source>
        <translation>Dateien oder Ordner auf dem Symbol im Infobereich ablegen. Sie werden gelesen und bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>It stays on this machine</source>
        <translation>Es bleibt auf diesem Rechner</translation>
    </message>
    <message>
        <source>Nothing is sent anywhere. A model is fetched only when you say so, and it works without one.</source>
        <translation>Nichts wird irgendwohin gesendet. Ein Modell wird nur auf Wunsch geholt, und ohne geht es auch.</translation>
    </message>
    <message>
        <source>Four short steps follow; Enter goes on. Each can be skipped, and Settings has all of them later.</source>
        <translation>Vier kurze Schritte folgen; die Eingabetaste geht weiter. Jeder lässt sich auslassen, und die Einstellungen haben später alle.</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Skip</source>
        <translation>&amp;Auslassen</translation>
    </message>
    <message>
        <source>Step {0} of {1}</source>
        <translation>Schritt {0} von {1}</translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) to go</source>
        <translation>
            <numerusform>noch %Ln Datei</numerusform>
            <numerusform>noch %Ln Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>looking for files</source>
        <translation>sucht nach Dateien</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) remembered</source>
        <translation>
            <numerusform>%Ln Datei gemerkt</numerusform>
            <numerusform>%Ln Dateien gemerkt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln already known</source>
        <translation>
            <numerusform>%Ln schon bekannt</numerusform>
            <numerusform>%Ln schon bekannt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, and %Ln more</source>
        <translation>
            <numerusform>, und %Ln weitere</numerusform>
            <numerusform>, und %Ln weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not: </source>
        <translation>
            <numerusform>%Ln nicht: </numerusform>
            <numerusform>%Ln nicht: </numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) not remembered: </source>
        <translation>
            <numerusform>%Ln Datei nicht gemerkt: </numerusform>
            <numerusform>%Ln Dateien nicht gemerkt: </numerusform>
        </translation>
    </message>
    <message>
        <source>Follow the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Previous citation (P)</source>
        <translation>Vorige Fundstelle (P)</translation>
    </message>
    <message>
        <source>Next citation (N)</source>
        <translation>Nächste Fundstelle (N)</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>Seite</translation>
    </message>
    <message>
        <source>Page (PageUp and PageDown turn pages)</source>
        <translation>Seite (Bild auf und Bild ab blättern)</translation>
    </message>
    <message>
        <source>Smaller (Ctrl+−)</source>
        <translation>Kleiner (Strg+−)</translation>
    </message>
    <message>
        <source>Larger (Ctrl++)</source>
        <translation>Größer (Strg++)</translation>
    </message>
    <message>
        <source>Fit the width (Ctrl+0)</source>
        <translation>An die Breite anpassen (Strg+0)</translation>
    </message>
    <message>
        <source>Copy the passage (Ctrl+C; Ctrl+Shift+C copies the page)</source>
        <translation>Textstelle kopieren (Strg+C; Strg+Umschalt+C kopiert die Seite)</translation>
    </message>
    <message>
        <source>Open in my viewer (Ctrl+O)</source>
        <translation>Im eigenen Programm öffnen (Strg+O)</translation>
    </message>
    <message>
        <source>Citation {} of {}</source>
        <translation>Fundstelle {} von {}</translation>
    </message>
    <message>
        <source>of {}</source>
        <translation>von {}</translation>
    </message>
    <message>
        <source>Fit width</source>
        <translation>Breite anpassen</translation>
    </message>
    <message>
        <source>Zoom {}, press to fit the width</source>
        <translation>Zoom {}, drücken passt an die Breite an</translation>
    </message>
    <message>
        <source>Password of the file</source>
        <translation>Passwort der Datei</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Choose the file…</source>
        <translation>Datei wählen…</translation>
    </message>
    <message>
        <source>This password does not open it.</source>
        <translation>Dieses Passwort öffnet sie nicht.</translation>
    </message>
    <message>
        <source>It opens with a password.</source>
        <translation>Sie öffnet sich mit einem Passwort.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Where is {} now?</source>
        <translation>Wo ist {} jetzt?</translation>
    </message>
    <message>
        <source>{} is no longer there.</source>
        <translation>{} ist nicht mehr dort.</translation>
    </message>
    <message>
        <source>Choose where it is now.</source>
        <translation>Bitte wählen, wo die Datei jetzt ist.</translation>
    </message>
    <message>
        <source>Cited pages</source>
        <translation>Fundseiten</translation>
    </message>
    <message>
        <source>p. {}</source>
        <translation>S. {}</translation>
    </message>
    <message>
        <source>{name}, page {page}</source>
        <translation>{name}, Seite {page}</translation>
    </message>
    <message>
        <source>sample</source>
        <translation>Beispiel</translation>
    </message>
    <message>
        <source>Talk or ask</source>
        <translation>Reden oder fragen</translation>
    </message>
    <message>
        <source>List pages of your documents</source>
        <translation>Seiten eigener Dokumente auflisten</translation>
    </message>
    <message>
        <source>Summarise a document</source>
        <translation>Ein Dokument zusammenfassen</translation>
    </message>
    <message>
        <source>Write or mend code</source>
        <translation>Code schreiben oder verbessern</translation>
    </message>
    <message>
        <source>Calculate</source>
        <translation>Rechnen</translation>
    </message>
    <message>
        <source>Keep a fact</source>
        <translation>Einen Merksatz behalten</translation>
    </message>
    <message>
        <source>List the facts that are kept</source>
        <translation>Merksätze auflisten</translation>
    </message>
    <message>
        <source>Forget a fact</source>
        <translation>Einen Merksatz vergessen</translation>
    </message>
    <message>
        <source>Say what can be asked</source>
        <translation>Sagen, was man fragen kann</translation>
    </message>
    <message>
        <source>Asked</source>
        <translation>Gefragt</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>Frage</translation>
    </message>
    <message>
        <source>Past questions</source>
        <translation>Frühere Fragen</translation>
    </message>
    <message>
        <source>Search past questions and answers</source>
        <translation>Frühere Fragen und Antworten durchsuchen</translation>
    </message>
    <message>
        <source>{} question</source>
        <translation>{} Frage</translation>
    </message>
    <message>
        <source>{} questions</source>
        <translation>{} Fragen</translation>
    </message>
    <message>
        <source>mode {}</source>
        <translation>Modus {}</translation>
    </message>
    <message>
        <source>sent to {}</source>
        <translation>gesendet an {}</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>E&amp;xportieren…</translation>
    </message>
    <message>
        <source>&amp;Delete…</source>
        <translation>&amp;Löschen…</translation>
    </message>
    <message>
        <source>Delete {} with the answer? This cannot be undone.</source>
        <translation>{} mit der Antwort löschen? Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>{file} could not be written: {why}.</source>
        <translation>{file} konnte nicht geschrieben werden: {why}.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>Einen anderen Ordner wählen.</translation>
    </message>
    <message>
        <source>{} question is</source>
        <translation>{} Frage ist</translation>
    </message>
    <message>
        <source>{} questions are</source>
        <translation>{} Fragen sind</translation>
    </message>
    <message>
        <source>{questions} written to {file}.</source>
        <translation>{questions} in {file} geschrieben.</translation>
    </message>
    <message>
        <source>{} question is deleted.</source>
        <translation>{} Frage ist gelöscht.</translation>
    </message>
    <message>
        <source>{} questions are deleted.</source>
        <translation>{} Fragen sind gelöscht.</translation>
    </message>
    <message>
        <source>Export questions and answers</source>
        <translation>Fragen und Antworten exportieren</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Un&amp;pin</source>
        <translation>L&amp;ösen</translation>
    </message>
    <message>
        <source>&amp;Pin</source>
        <translation>An&amp;heften</translation>
    </message>
    <message>
        <source>[{n}] {name}, p. {page}</source>
        <translation>[{n}] {name}, S. {page}</translation>
    </message>
    <message>
        <source>The answer is copied.</source>
        <translation>Die Antwort ist kopiert.</translation>
    </message>
    <message>
        <source>Citations of the answer; Enter opens the page</source>
        <translation>Fundstellen der Antwort; Eingabe öffnet die Seite</translation>
    </message>
    <message>
        <source>&amp;Ask again</source>
        <translation>&amp;Noch einmal fragen</translation>
    </message>
    <message>
        <source>C&amp;opy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>No past questions</source>
        <translation>Keine früheren Fragen</translation>
    </message>
    <message>
        <source>Questions and answers are kept on this machine only. Settings, Privacy switches that off.</source>
        <translation>Fragen und Antworten bleiben nur auf diesem Rechner. Einstellungen, Privatsphäre schaltet das ab.</translation>
    </message>
    <message>
        <source>&amp;Whole exchange</source>
        <translation>&amp;Ganzer Austausch</translation>
    </message>
    <message>
        <source>Copy the record as JSON</source>
        <translation>Eintrag als JSON kopieren</translation>
    </message>
    <message>
        <source>Show all records of this exchange</source>
        <translation>Alle Einträge dieses Austauschs zeigen</translation>
    </message>
    <message>
        <source>All fields, as recorded</source>
        <translation>Alle Felder, wie aufgezeichnet</translation>
    </message>
    <message>
        <source>The record is copied as JSON.</source>
        <translation>Der Eintrag ist als JSON kopiert.</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Risk</source>
        <translation>Risiko</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Aktivität</translation>
    </message>
    <message>
        <source>Any day</source>
        <translation>Jeder Tag</translation>
    </message>
    <message>
        <source>{} record</source>
        <translation>{} Eintrag</translation>
    </message>
    <message>
        <source>{} records</source>
        <translation>{} Einträge</translation>
    </message>
    <message>
        <source>{records}, back to {day}; scroll for more</source>
        <translation>{records}, zurück bis {day}; mehr beim Blättern</translation>
    </message>
    <message>
        <source>Filter by any word in a record</source>
        <translation>Nach einem Wort eines Eintrags filtern</translation>
    </message>
    <message>
        <source>Any event</source>
        <translation>Jedes Ereignis</translation>
    </message>
    <message>
        <source>Any risk</source>
        <translation>Jedes Risiko</translation>
    </message>
    <message>
        <source>high</source>
        <translation>hoch</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Merkmal</translation>
    </message>
    <message>
        <source>Any tag</source>
        <translation>Jedes Merkmal</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>&amp;Clear</source>
        <translation>&amp;Leeren</translation>
    </message>
    <message>
        <source>Clear the filters</source>
        <translation>Filter leeren</translation>
    </message>
    <message>
        <source>No records</source>
        <translation>Keine Einträge</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>File read</source>
        <translation>Datei gelesen</translation>
    </message>
    <message>
        <source>Forgotten</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Asked for approval</source>
        <translation>Um Zustimmung gebeten</translation>
    </message>
    <message>
        <source>Approved</source>
        <translation>Zugestimmt</translation>
    </message>
    <message>
        <source>Denied</source>
        <translation>Verweigert</translation>
    </message>
    <message>
        <source>Model loaded</source>
        <translation>Modell geladen</translation>
    </message>
    <message>
        <source>Model unloaded</source>
        <translation>Modell entladen</translation>
    </message>
    <message>
        <source>low risk</source>
        <translation>geringes Risiko</translation>
    </message>
    <message>
        <source>medium risk</source>
        <translation>mittleres Risiko</translation>
    </message>
    <message>
        <source>high risk</source>
        <translation>hohes Risiko</translation>
    </message>
    <message>
        <source>not checked</source>
        <translation>nicht geprüft</translation>
    </message>
    <message>
        <source>Medium or worse</source>
        <translation>Mittel oder schlimmer</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Each question, file and safety check leaves a record here. Nothing matches at present.</source>
        <translation>Jede Frage, Datei und Sicherheitsprüfung hinterlässt hier einen Eintrag. Zurzeit passt keiner.</translation>
    </message>
    <message>
        <source>{} event</source>
        <translation>{} Ereignis</translation>
    </message>
    <message>
        <source>{} events</source>
        <translation>{} Ereignisse</translation>
    </message>
    <message>
        <source>Choice of who answers</source>
        <translation>Wahl, wer antwortet</translation>
    </message>
    <message>
        <source>Model at work</source>
        <translation>Modell bei der Arbeit</translation>
    </message>
    <message>
        <source>Safety check</source>
        <translation>Sicherheitsprüfung</translation>
    </message>
    <message>
        <source>destructive command</source>
        <translation>zerstörender Befehl</translation>
    </message>
    <message>
        <source>data may leave</source>
        <translation>Daten könnten abfließen</translation>
    </message>
    <message>
        <source>personal data</source>
        <translation>persönliche Daten</translation>
    </message>
    <message>
        <source>attempt to lift the rules</source>
        <translation>Versuch, die Regeln aufzuheben</translation>
    </message>
    <message>
        <source>against the rules</source>
        <translation>gegen die Regeln</translation>
    </message>
    <message>
        <source>odd behaviour</source>
        <translation>seltsames Verhalten</translation>
    </message>
    <message>
        <source>secret</source>
        <translation>Geheimnis</translation>
    </message>
    <message>
        <source>low</source>
        <translation>gering</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>mittel</translation>
    </message>
    <message>
        <source>{} token</source>
        <translation>{} Token</translation>
    </message>
    <message>
        <source>{} tokens</source>
        <translation>{} Token</translation>
    </message>
    <message>
        <source>{} citation</source>
        <translation>{} Fundstelle</translation>
    </message>
    <message>
        <source>{} citations</source>
        <translation>{} Fundstellen</translation>
    </message>
    <message>
        <source>{} page</source>
        <translation>{} Seite</translation>
    </message>
    <message>
        <source>{} pages</source>
        <translation>{} Seiten</translation>
    </message>
    <message>
        <source>{} passage</source>
        <translation>{} Textstelle</translation>
    </message>
    <message>
        <source>{} passages</source>
        <translation>{} Textstellen</translation>
    </message>
    <message>
        <source>question</source>
        <translation>Frage</translation>
    </message>
    <message>
        <source>passages</source>
        <translation>Textstellen</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>nothing found</source>
        <translation>nichts gefunden</translation>
    </message>
    <message>
        <source>What the record says</source>
        <translation>Was der Eintrag sagt</translation>
    </message>
    <message>
        <source>Pick a line to see what it says.</source>
        <translation>Eine Zeile wählen, um zu sehen, was sie sagt.</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Was gefunden wurde</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>What went wrong</source>
        <translation>Was schiefging</translation>
    </message>
    <message>
        <source>Looked at</source>
        <translation>Angesehen</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>Dokumente</translation>
    </message>
    <message>
        <source>Who answers</source>
        <translation>Wer antwortet</translation>
    </message>
    <message>
        <source>Model that was set</source>
        <translation>Eingestelltes Modell</translation>
    </message>
    <message>
        <source>Why another model</source>
        <translation>Warum ein anderes Modell</translation>
    </message>
    <message>
        <source>Asked at</source>
        <translation>Gefragt bei</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>What was asked for</source>
        <translation>Worum gebeten wurde</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>Einstellung</translation>
    </message>
    <message>
        <source>New value</source>
        <translation>Neuer Wert</translation>
    </message>
    <message>
        <source>Fetched from</source>
        <translation>Geholt von</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>Fragen</translation>
    </message>
    <message>
        <source>Pages read from pictures</source>
        <translation>Seiten aus Bildern gelesen</translation>
    </message>
    <message>
        <source>Citations</source>
        <translation>Fundstellen</translation>
    </message>
    <message>
        <source>Tokens read</source>
        <translation>Gelesene Token</translation>
    </message>
    <message>
        <source>Tokens written</source>
        <translation>Geschriebene Token</translation>
    </message>
    <message>
        <source>First word after</source>
        <translation>Erstes Wort nach</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Loading took</source>
        <translation>Laden dauerte</translation>
    </message>
    <message>
        <source>Model added</source>
        <translation>Modell hinzugefügt</translation>
    </message>
    <message>
        <source>Model removed</source>
        <translation>Modell entfernt</translation>
    </message>
    <message>
        <source>Models changed</source>
        <translation>Modelle geändert</translation>
    </message>
    <message>
        <source>Model files read ahead</source>
        <translation>Modelldateien vorab gelesen</translation>
    </message>
    <message>
        <source>Faster answers measured</source>
        <translation>Schnellere Antworten gemessen</translation>
    </message>
    <message>
        <source>Download started</source>
        <translation>Download begonnen</translation>
    </message>
    <message>
        <source>Download ended</source>
        <translation>Download beendet</translation>
    </message>
    <message>
        <source>Provider changed</source>
        <translation>Anbieter geändert</translation>
    </message>
    <message>
        <source>Key stored</source>
        <translation>Schlüssel hinterlegt</translation>
    </message>
    <message>
        <source>Key removed</source>
        <translation>Schlüssel entfernt</translation>
    </message>
    <message>
        <source>Model that costs money refused</source>
        <translation>Modell, das Geld kostet, abgelehnt</translation>
    </message>
    <message>
        <source>Other model refused</source>
        <translation>Anderes Modell abgelehnt</translation>
    </message>
    <message>
        <source>Adapter imported</source>
        <translation>Adapter importiert</translation>
    </message>
    <message>
        <source>Adapter evaluated</source>
        <translation>Adapter geprüft</translation>
    </message>
    <message>
        <source>Adapter switched on</source>
        <translation>Adapter eingeschaltet</translation>
    </message>
    <message>
        <source>Adapter switched off</source>
        <translation>Adapter ausgeschaltet</translation>
    </message>
    <message>
        <source>Adapter&apos;s scale changed</source>
        <translation>Stärke des Adapters geändert</translation>
    </message>
    <message>
        <source>Adapters as before</source>
        <translation>Adapter wie vorher</translation>
    </message>
    <message>
        <source>Adapter removed</source>
        <translation>Adapter entfernt</translation>
    </message>
    <message>
        <source>Texts for training written</source>
        <translation>Texte zum Lernen geschrieben</translation>
    </message>
    <message>
        <source>Memory re-indexed</source>
        <translation>Gedächtnis neu indiziert</translation>
    </message>
    <message>
        <source>Task started</source>
        <translation>Aufgabe begonnen</translation>
    </message>
    <message>
        <source>Command run</source>
        <translation>Befehl ausgeführt</translation>
    </message>
    <message>
        <source>read</source>
        <translation>gelesen</translation>
    </message>
    <message>
        <source>known already</source>
        <translation>schon bekannt</translation>
    </message>
    <message>
        <source>not read</source>
        <translation>nicht gelesen</translation>
    </message>
    <message>
        <source>{} ms</source>
        <translation>{} ms</translation>
    </message>
    <message>
        <source>{} s</source>
        <translation>{} s</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>Downloads</translation>
    </message>
    <message>
        <source>Download of {}</source>
        <translation>Download von {}</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the download of {}</source>
        <translation>Download von {} abbrechen</translation>
    </message>
    <message>
        <source>{} waits</source>
        <translation>{} wartet</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause the download of {}</source>
        <translation>Download von {} anhalten</translation>
    </message>
    <message>
        <source>Resume the download of {}</source>
        <translation>Download von {} fortsetzen</translation>
    </message>
    <message>
        <source>Press the new keys… Esc keeps the old</source>
        <translation>Neue Tasten drücken… Esc behält die alten</translation>
    </message>
    <message>
        <source>None; press to choose</source>
        <translation>Keine; zum Wählen drücken</translation>
    </message>
    <message>
        <source>The hotkey is {}. Press to change it.</source>
        <translation>Die Taste zum Fragen ist {}. Drücken ändert sie.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Passages</source>
        <translation>Textstellen</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Added</source>
        <translation>Hinzugefügt</translation>
    </message>
    <message>
        <source>{} document</source>
        <translation>{} Dokument</translation>
    </message>
    <message>
        <source>{} documents</source>
        <translation>{} Dokumente</translation>
    </message>
    <message>
        <source>{} so far</source>
        <translation>bisher {}</translation>
    </message>
    <message>
        <source>Remembered documents</source>
        <translation>Gemerkte Dokumente</translation>
    </message>
    <message>
        <source>Filter by name or folder</source>
        <translation>Nach Name oder Ordner filtern</translation>
    </message>
    <message>
        <source>&amp;Add files…</source>
        <translation>&amp;Dateien hinzufügen…</translation>
    </message>
    <message>
        <source>Add f&amp;older…</source>
        <translation>&amp;Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Forget</source>
        <translation>&amp;Vergessen</translation>
    </message>
    <message>
        <source>Forget {}? The files stay where they are. This cannot be undone; adding a file again reads it anew.</source>
        <translation>{} vergessen? Die Dateien bleiben, wo sie sind. Das lässt sich nicht rückgängig machen; wird eine Datei wieder hinzugefügt, wird sie neu gelesen.</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>{} document is forgotten.</source>
        <translation>{} Dokument ist vergessen.</translation>
    </message>
    <message>
        <source>{} documents are forgotten.</source>
        <translation>{} Dokumente sind vergessen.</translation>
    </message>
    <message>
        <source>{shown} shown of {all}</source>
        <translation>{shown} von {all} gezeigt</translation>
    </message>
    <message>
        <source>&amp;Forget {}</source>
        <translation>{} &amp;vergessen</translation>
    </message>
    <message>
        <source>Files to remember</source>
        <translation>Dateien zum Merken</translation>
    </message>
    <message>
        <source>Folder to remember</source>
        <translation>Ordner zum Merken</translation>
    </message>
    <message>
        <source>Add files…</source>
        <translation>Dateien hinzufügen…</translation>
    </message>
    <message>
        <source>Nothing is remembered yet</source>
        <translation>Noch ist nichts gemerkt</translation>
    </message>
    <message>
        <source>Drop files or folders here or on the tray icon. PDF, pictures, text, Markdown and HTML are read on this machine and stay on it.</source>
        <translation>Dateien oder Ordner hier oder auf dem Symbol im Infobereich ablegen. PDF, Bilder, Text, Markdown und HTML werden auf diesem Rechner gelesen und bleiben dort.</translation>
    </message>
    <message>
        <source>No name or folder has these words.</source>
        <translation>Kein Name oder Ordner enthält diese Wörter.</translation>
    </message>
    <message>
        <source>Reading the list…</source>
        <translation>Die Liste wird gelesen…</translation>
    </message>
    <message>
        <source>Fact</source>
        <translation>Merksatz</translation>
    </message>
    <message>
        <source>Remembered</source>
        <translation>Gemerkt</translation>
    </message>
    <message>
        <source>Facts</source>
        <translation>Merksätze</translation>
    </message>
    <message>
        <source>&amp;Remember</source>
        <translation>&amp;Merken</translation>
    </message>
    <message>
        <source>Something to remember, such as “The bins go out on Tuesday”</source>
        <translation>Etwas zum Merken, etwa „Dienstags wird der Müll geholt“</translation>
    </message>
    <message>
        <source>A fact to remember</source>
        <translation>Ein Merksatz</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Filter the facts</source>
        <translation>Merksätze filtern</translation>
    </message>
    <message>
        <source>{} fact</source>
        <translation>{} Merksatz</translation>
    </message>
    <message>
        <source>{} facts</source>
        <translation>{} Merksätze</translation>
    </message>
    <message>
        <source>Forget {}? This cannot be undone.</source>
        <translation>{} vergessen? Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>{} fact is forgotten.</source>
        <translation>{} Merksatz ist vergessen.</translation>
    </message>
    <message>
        <source>{} facts are forgotten.</source>
        <translation>{} Merksätze sind vergessen.</translation>
    </message>
    <message>
        <source>No facts yet</source>
        <translation>Noch keine Merksätze</translation>
    </message>
    <message>
        <source>Write one above, or say “remember that …” in the popup. Answers may then cite it.</source>
        <translation>Oben einen schreiben oder im Popup „remember that …“ sagen. Antworten können ihn dann zitieren.</translation>
    </message>
    <message>
        <source>No fact has these words.</source>
        <translation>Kein Merksatz enthält diese Wörter.</translation>
    </message>
    <message>
        <source>Passages re-indexed</source>
        <translation>Neu indizierte Textstellen</translation>
    </message>
    <message>
        <source>&amp;Re-index</source>
        <translation>&amp;Neu indizieren</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>{} passage is re-indexed.</source>
        <translation>{} Textstelle ist neu indiziert.</translation>
    </message>
    <message>
        <source>{} passages are re-indexed.</source>
        <translation>{} Textstellen sind neu indiziert.</translation>
    </message>
    <message>
        <source>Go on &amp;re-indexing</source>
        <translation>&amp;Weiter neu indizieren</translation>
    </message>
    <message>
        <source>Beginning to re-index…</source>
        <translation>Das Neuindizieren beginnt…</translation>
    </message>
    <message>
        <source>Making the indexes. Searches go by the old ones until they are ready.</source>
        <translation>Die Indizes entstehen. Bis sie fertig sind, wird mit den alten gesucht.</translation>
    </message>
    <message>
        <source>Re-indexing: {done} of {all} passages</source>
        <translation>Neu indiziert: {done} von {all} Textstellen</translation>
    </message>
    <message>
        <source>{} passages/s</source>
        <translation>{} Textstellen/s</translation>
    </message>
    <message>
        <source>Your memory was made with {}; {} is set now.</source>
        <translation>Das Gedächtnis wurde mit {} angelegt; jetzt ist {} eingestellt.</translation>
    </message>
    <message>
        <source>Your memory was made with {}.</source>
        <translation>Das Gedächtnis wurde mit {} angelegt.</translation>
    </message>
    <message>
        <source>Re-indexing your memory with {} was not finished.</source>
        <translation>Das Neuindizieren des Gedächtnisses mit {} wurde nicht fertig.</translation>
    </message>
    <message>
        <source>That model is not here, so searches go by words only.</source>
        <translation>Dieses Modell ist nicht da, darum wird nur nach Wörtern gesucht.</translation>
    </message>
    <message>
        <source>the built-in model</source>
        <translation>dem eingebauten Modell</translation>
    </message>
    <message>
        <source>Until then searches go by the old one.</source>
        <translation>Bis dahin wird mit dem alten gesucht.</translation>
    </message>
    <message>
        <source>Re-index {} passage</source>
        <translation>{} Textstelle neu indizieren</translation>
    </message>
    <message>
        <source>Re-index {} passages</source>
        <translation>{} Textstellen neu indizieren</translation>
    </message>
    <message>
        <source> (about {})</source>
        <translation> (etwa {})</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>Dokument</translation>
    </message>
    <message>
        <source>Passage</source>
        <translation>Textstelle</translation>
    </message>
    <message>
        <source>Pages found</source>
        <translation>Gefundene Seiten</translation>
    </message>
    <message>
        <source>Search inside your documents</source>
        <translation>In den Dokumenten suchen</translation>
    </message>
    <message>
        <source>Nothing is remembered yet, so there is nothing to search.</source>
        <translation>Noch ist nichts gemerkt, also gibt es nichts zu suchen.</translation>
    </message>
    <message>
        <source>Nothing in your documents seems to be about this; these pages come nearest.</source>
        <translation>In den Dokumenten scheint es nichts dazu zu geben; diese Seiten liegen am nächsten.</translation>
    </message>
    <message>
        <source>{pages}, best first · {ms:.0f} ms</source>
        <translation>{pages}, beste zuerst · {ms:.0f} ms</translation>
    </message>
    <message>
        <source>Find a page</source>
        <translation>Eine Seite finden</translation>
    </message>
    <message>
        <source>Type what it is about, in your own words. Enter opens the best page, Down goes to the list.</source>
        <translation>In eigenen Worten schreiben, worum es geht. Eingabe öffnet die beste Seite, Ab geht zur Liste.</translation>
    </message>
    <message>
        <source>Files read</source>
        <translation>Gelesene Dateien</translation>
    </message>
    <message>
        <source>Paused: {} file waits.</source>
        <translation>Angehalten: {} Datei wartet.</translation>
    </message>
    <message>
        <source>Paused: {} files wait.</source>
        <translation>Angehalten: {} Dateien warten.</translation>
    </message>
    <message>
        <source>Reading {name}, page {page} of {pages}</source>
        <translation>{name} wird gelesen, Seite {page} von {pages}</translation>
    </message>
    <message>
        <source>Reading {}</source>
        <translation>{} wird gelesen</translation>
    </message>
    <message>
        <source>file {now} of {all}</source>
        <translation>Datei {now} von {all}</translation>
    </message>
    <message>
        <source>{} pages/s</source>
        <translation>{} Seiten/s</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>An&amp;halten</translation>
    </message>
    <message>
        <source>{} file is not remembered</source>
        <translation>{} Datei ist nicht gemerkt</translation>
    </message>
    <message>
        <source>{} files are not remembered</source>
        <translation>{} Dateien sind nicht gemerkt</translation>
    </message>
    <message>
        <source>Password of {}</source>
        <translation>Passwort von {}</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Files that are not remembered</source>
        <translation>Dateien, die nicht gemerkt sind</translation>
    </message>
    <message>
        <source>&amp;Open</source>
        <translation>Ö&amp;ffnen</translation>
    </message>
    <message>
        <source>R&amp;etry</source>
        <translation>Noch einmal &amp;versuchen</translation>
    </message>
    <message>
        <source>&amp;Dismiss</source>
        <translation>Ausb&amp;lenden</translation>
    </message>
    <message>
        <source>“{}” is as it was before.</source>
        <translation>„{}“ ist wieder wie vorher.</translation>
    </message>
    <message>
        <source>“{}” is changed. Ctrl+Z takes it back.</source>
        <translation>„{}“ ist geändert. Strg+Z nimmt es zurück.</translation>
    </message>
    <message>
        <source>Your settings files were changed, and are in force.</source>
        <translation>Die Einstellungsdateien wurden geändert und gelten.</translation>
    </message>
    <message>
        <source>No setting is about “{}”.</source>
        <translation>Keine Einstellung handelt von „{}“.</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
    <message>
        <source>&amp;Run the first steps again</source>
        <translation>Erste Schritte &amp;noch einmal</translation>
    </message>
    <message>
        <source>Hotkey, documents, models and a first question. Nothing that you have is changed or lost.</source>
        <translation>Taste, Dokumente, Modelle und eine erste Frage. Nichts Vorhandenes wird geändert oder geht verloren.</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Your data</source>
        <translation>Eigene Daten</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Your settings</source>
        <translation>Eigene Einstellungen</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <source>Libraries</source>
        <translation>Bibliotheken</translation>
    </message>
    <message>
        <source>Model {}</source>
        <translation>Modell {}</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Nicht bekannt</translation>
    </message>
    <message>
        <source>Read its licence where you got it, and write it under “license:” of the model.</source>
        <translation>Die Lizenz steht dort, wo das Modell herkommt; sie gehört unter „license:“ des Modells.</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>trayassist {version}, Python {python}, Qt {qt}</source>
        <translation>trayassist {version}, Python {python}, Qt {qt}</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>GNU Affero General Public License, version 3 or later (AGPL-3.0-or-later). You may use, study, share and change it; changed versions must come with their source.</source>
        <translation>GNU Affero General Public License, Version 3 oder später (AGPL-3.0-or-later). Nutzen, Untersuchen, Weitergeben und Ändern sind erlaubt; geänderte Fassungen müssen mit ihrem Quelltext kommen.</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelltext</translation>
    </message>
    <message>
        <source>see its own files</source>
        <translation>siehe seine eigenen Dateien</translation>
    </message>
    <message>
        <source>Check the pair</source>
        <translation>Paar prüfen</translation>
    </message>
    <message>
        <source>{}: check the pair of model and draft</source>
        <translation>{}: Paar aus Modell und Entwurfsmodell prüfen</translation>
    </message>
    <message>
        <source>Draft model</source>
        <translation>Entwurfsmodell</translation>
    </message>
    <message>
        <source>Tokens drafted at once</source>
        <translation>Entworfene Token auf einmal</translation>
    </message>
    <message>
        <source>Least share accepted</source>
        <translation>Geringster angenommener Anteil</translation>
    </message>
    <message>
        <source>Below it drafting is switched off.</source>
        <translation>Darunter wird nicht mehr entworfen.</translation>
    </message>
    <message>
        <source>{}: draft model</source>
        <translation>{}: Entwurfsmodell</translation>
    </message>
    <message>
        <source>No draft</source>
        <translation>Kein Entwurf</translation>
    </message>
    <message>
        <source>{} (for drafting)</source>
        <translation>{} (zum Entwerfen)</translation>
    </message>
    <message>
        <source>Comparing the two vocabularies…</source>
        <translation>Die beiden Vokabulare werden verglichen…</translation>
    </message>
    <message>
        <source>They are no pair: {}.</source>
        <translation>Sie sind kein Paar: {}.</translation>
    </message>
    <message>
        <source>They fit. {}</source>
        <translation>Sie passen. {}</translation>
    </message>
    <message>
        <source>They fit: the vocabularies are the same, {} tokens.</source>
        <translation>Sie passen: die Vokabulare sind gleich, {} Token.</translation>
    </message>
    <message>
        <source>Words of the prompt are tried first: good for answers that repeat a text, such as corrections.</source>
        <translation>Zuerst werden Wörter der Eingabe versucht: gut für Antworten, die einen Text wiederholen, etwa Korrekturen.</translation>
    </message>
    <message>
        <source>Draft from the prompt</source>
        <translation>Entwurf aus der Eingabe</translation>
    </message>
    <message>
        <source>{}: draft from the prompt</source>
        <translation>{}: Entwurf aus der Eingabe</translation>
    </message>
    <message>
        <source>waits for approval</source>
        <translation>wartet auf Freigabe</translation>
    </message>
    <message>
        <source>approved</source>
        <translation>freigegeben</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>bestanden</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>in Gebrauch</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>zurückgenommen</translation>
    </message>
    <message>
        <source>Evaluate again</source>
        <translation>Neu bewerten</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>Bewerten</translation>
    </message>
    <message>
        <source>Approve again</source>
        <translation>Neu freigeben</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>Freigeben</translation>
    </message>
    <message>
        <source>Use as recent</source>
        <translation>Als „Neues“ nutzen</translation>
    </message>
    <message>
        <source>Use as history</source>
        <translation>Als „Verlauf“ nutzen</translation>
    </message>
    <message>
        <source>Switch off</source>
        <translation>Ausschalten</translation>
    </message>
    <message>
        <source>Use anyway…</source>
        <translation>Trotzdem nutzen…</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>Ablehnen</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Beginning</source>
        <translation>Es beginnt</translation>
    </message>
    <message>
        <source>with the adapter</source>
        <translation>mit dem Adapter</translation>
    </message>
    <message>
        <source>without it</source>
        <translation>ohne ihn</translation>
    </message>
    <message>
        <source>Answer {done} of {total}, {side}: {name}</source>
        <translation>Antwort {done} von {total}, {side}: {name}</translation>
    </message>
    <message>
        <source>How far the evaluation of {} is</source>
        <translation>Wie weit die Bewertung von {} ist</translation>
    </message>
    <message>
        <source>Cancel the evaluation of {}</source>
        <translation>Bewertung von {} abbrechen</translation>
    </message>
    <message>
        <source>Why it may be used without passing; the audit log keeps this</source>
        <translation>Warum er ohne Bestehen genutzt werden darf; das Prüfprotokoll behält es</translation>
    </message>
    <message>
        <source>{} without a passed evaluation: {}</source>
        <translation>{} ohne bestandene Bewertung: {}</translation>
    </message>
    <message>
        <source>Leave it</source>
        <translation>Lassen</translation>
    </message>
    <message>
        <source>for {}</source>
        <translation>für {}</translation>
    </message>
    <message>
        <source>rank {}</source>
        <translation>Rang {}</translation>
    </message>
    <message>
        <source>imported {}</source>
        <translation>importiert {}</translation>
    </message>
    <message>
        <source>trained on {}</source>
        <translation>trainiert mit {}</translation>
    </message>
    <message>
        <source>Copying {}</source>
        <translation>{} wird kopiert</translation>
    </message>
    <message>
        <source>Converting {}</source>
        <translation>{} wird umgewandelt</translation>
    </message>
    <message>
        <source>Checking which model {} is for</source>
        <translation>Für welches Modell {} ist, wird geprüft</translation>
    </message>
    <message>
        <source>Drop a GGUF adapter or a PEFT folder here.</source>
        <translation>GGUF-Adapter oder PEFT-Ordner hier ablegen.</translation>
    </message>
    <message>
        <source>Import a &amp;file…</source>
        <translation>&amp;Datei importieren…</translation>
    </message>
    <message>
        <source>Import a f&amp;older…</source>
        <translation>&amp;Ordner importieren…</translation>
    </message>
    <message>
        <source>How far the import is</source>
        <translation>Wie weit der Import ist</translation>
    </message>
    <message>
        <source>Cancel the import</source>
        <translation>Import abbrechen</translation>
    </message>
    <message>
        <source>{} is here. Approve it, then let it be evaluated.</source>
        <translation>{} ist da. Erst freigeben, dann bewerten lassen.</translation>
    </message>
    <message>
        <source>Adapters (*.gguf *.safetensors adapter_config.json)</source>
        <translation>Adapter (*.gguf *.safetensors adapter_config.json)</translation>
    </message>
    <message>
        <source>Import an adapter</source>
        <translation>Adapter importieren</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Answers that were compared: {}</source>
        <translation>Verglichene Antworten: {}</translation>
    </message>
    <message>
        <source>evaluated {}</source>
        <translation>bewertet {}</translation>
    </message>
    <message>
        <source>Hide the answers</source>
        <translation>Antworten verbergen</translation>
    </message>
    <message>
        <source>Show the answers</source>
        <translation>Antworten zeigen</translation>
    </message>
    <message>
        <source>Without the adapter</source>
        <translation>Ohne den Adapter</translation>
    </message>
    <message>
        <source>With the adapter</source>
        <translation>Mit dem Adapter</translation>
    </message>
    <message>
        <source>(nothing)</source>
        <translation>(nichts)</translation>
    </message>
    <message>
        <source>not judged</source>
        <translation>nicht bewertet</translation>
    </message>
    <message>
        <source>Fails: {}</source>
        <translation>Fällt durch: {}</translation>
    </message>
    <message>
        <source>passes</source>
        <translation>besteht</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>preview answers with and without</source>
        <translation>Vorschau vergleichen Antworten mit und ohne preview</translation>
    </message>
    <message>
        <source>What is compared with the model itself</source>
        <translation>Was mit dem Modell selbst verglichen wird</translation>
    </message>
    <message>
        <source>A question to compare both answers on</source>
        <translation>Eine Frage, zu der beide Antworten verglichen werden</translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation>&amp;Vergleichen</translation>
    </message>
    <message>
        <source>Without</source>
        <translation>Ohne</translation>
    </message>
    <message>
        <source>With</source>
        <translation>Mit</translation>
    </message>
    <message>
        <source>what is in use</source>
        <translation>was in Gebrauch ist</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>&amp;Stopp</translation>
    </message>
    <message>
        <source>Both answers are the same.</source>
        <translation>Beide Antworten sind gleich.</translation>
    </message>
    <message>
        <source>with</source>
        <translation>mit</translation>
    </message>
    <message>
        <source>In use for answers</source>
        <translation>Für Antworten in Gebrauch</translation>
    </message>
    <message>
        <source>Re&amp;vert the last change</source>
        <translation>Letzte Änderung &amp;zurücknehmen</translation>
    </message>
    <message>
        <source>Brings back the adapters that were in use before.</source>
        <translation>Bringt die Adapter zurück, die vorher in Gebrauch waren.</translation>
    </message>
    <message>
        <source>{} is off from the next answer on.</source>
        <translation>{} ist ab der nächsten Antwort aus.</translation>
    </message>
    <message>
        <source>The adapters are as they were before.</source>
        <translation>Die Adapter sind wie vorher.</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>what was learned over the whole time</source>
        <translation>was über die ganze Zeit gelernt wurde</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Neues</translation>
    </message>
    <message>
        <source>what was learned lately; it comes on top</source>
        <translation>was zuletzt gelernt wurde; es kommt obendrauf</translation>
    </message>
    <message>
        <source>Scale of {}</source>
        <translation>Stärke von {}</translation>
    </message>
    <message>
        <source>Switch {} off</source>
        <translation>{} ausschalten</translation>
    </message>
    <message>
        <source>0 is off, 1 is as it was trained, 2 is twice as much.</source>
        <translation>0 ist aus, 1 ist wie trainiert, 2 ist doppelt so viel.</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>Stärke</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>An adapter is a small file, trained on top of a model, that changes how it answers: what you know, your tone. The assistant answers with at most two of them; code and all else stay on the model itself.</source>
        <translation>Ein Adapter ist eine kleine Datei, auf ein Modell trainiert, die ändert, wie es antwortet: eigenes Wissen, eigener Ton. Der Assistent antwortet mit höchstens zweien; Code und alles andere bleibt beim Modell selbst.</translation>
    </message>
    <message>
        <source>All adapters</source>
        <translation>Alle Adapter</translation>
    </message>
    <message>
        <source>Remove the adapter {} and its files? What it was trained on stays.</source>
        <translation>Adapter {} und seine Dateien entfernen? Womit er trainiert wurde, bleibt.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>The adapter {} is removed.</source>
        <translation>Der Adapter {} ist entfernt.</translation>
    </message>
    <message>
        <source>1.  Export past answers as training data: trayassist adapters export --training FILE</source>
        <translation>1.  Frühere Antworten als Trainingsdaten ausgeben: trayassist adapters export --training FILE</translation>
    </message>
    <message>
        <source>2.  Train a LoRA with it on the model that writes your answers, with PEFT or llama.cpp.</source>
        <translation>2.  Damit ein LoRA zu dem Modell trainieren, das die Antworten schreibt, mit PEFT oder llama.cpp.</translation>
    </message>
    <message>
        <source>3.  Drop the result below. Nothing is used before you approve it and it passes an evaluation.</source>
        <translation>3.  Das Ergebnis unten ablegen. Nichts wird genutzt, bevor es freigegeben ist und eine Bewertung besteht.</translation>
    </message>
    <message>
        <source>There is none yet. To get one:</source>
        <translation>Noch gibt es keinen. So entsteht einer:</translation>
    </message>
    <message>
        <source>docs/adapters.md has every step.</source>
        <translation>docs/adapters.md hat jeden Schritt.</translation>
    </message>
    <message>
        <source>Reading {}…</source>
        <translation>{} wird gelesen…</translation>
    </message>
    <message>
        <source>Add to {}</source>
        <translation>Hinzufügen zu {}</translation>
    </message>
    <message>
        <source>Ask it earlier</source>
        <translation>Früher fragen</translation>
    </message>
    <message>
        <source>Ask it later</source>
        <translation>Später fragen</translation>
    </message>
    <message>
        <source>Take it off the list</source>
        <translation>Von der Liste nehmen</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Start with the desktop</source>
        <translation>Mit dem Desktop starten</translation>
    </message>
    <message>
        <source>trayassist then waits in the tray after you log in.</source>
        <translation>trayassist wartet dann nach der Anmeldung im Infobereich.</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Of windows and menus, from the next start on.</source>
        <translation>Der Fenster und Menüs, ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>Textgröße</translation>
    </message>
    <message>
        <source>Keep the last answer for</source>
        <translation>Letzte Antwort behalten</translation>
    </message>
    <message>
        <source>s</source>
        <translation>s</translation>
    </message>
    <message>
        <source>Keep the popup open</source>
        <translation>Popup offen halten</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Hotkey</source>
        <translation>Taste zum Fragen</translation>
    </message>
    <message>
        <source>Hotkey on</source>
        <translation>Taste eingeschaltet</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Gedächtnis</translation>
    </message>
    <message>
        <source>Read scanned pages (OCR)</source>
        <translation>Gescannte Seiten lesen (OCR)</translation>
    </message>
    <message>
        <source>Language of scanned pages</source>
        <translation>Sprache gescannter Seiten</translation>
    </message>
    <message>
        <source>Skip hidden files</source>
        <translation>Versteckte Dateien auslassen</translation>
    </message>
    <message>
        <source>Readers</source>
        <translation>Leser</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>Grenzen</translation>
    </message>
    <message>
        <source>Largest file</source>
        <translation>Größte Datei</translation>
    </message>
    <message>
        <source>Time for a page</source>
        <translation>Zeit für eine Seite</translation>
    </message>
    <message>
        <source>Time for a file</source>
        <translation>Zeit für eine Datei</translation>
    </message>
    <message>
        <source>Memory of a reader</source>
        <translation>Speicher eines Lesers</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Privatsphäre</translation>
    </message>
    <message>
        <source>Stay offline</source>
        <translation>Offline bleiben</translation>
    </message>
    <message>
        <source>Keep questions and answers</source>
        <translation>Fragen und Antworten behalten</translation>
    </message>
    <message>
        <source>On this machine only. Without it, follow-up questions know nothing of the ones before.</source>
        <translation>Nur auf diesem Rechner. Ohne das wissen Anschlussfragen nichts von den vorigen.</translation>
    </message>
    <message>
        <source>Mask keys and passwords</source>
        <translation>Schlüssel und Passwörter verbergen</translation>
    </message>
    <message>
        <source>They are kept as [secret: …]. The answer itself still shows them.</source>
        <translation>Aufbewahrt werden sie als [secret: …]. Die Antwort selbst zeigt sie weiterhin.</translation>
    </message>
    <message>
        <source>Keep the record of activity for</source>
        <translation>Aufzeichnung der Aktivität behalten für</translation>
    </message>
    <message>
        <source>What was asked of which model, and each safety check; never the text of your files.</source>
        <translation>Was welches Modell gefragt wurde, und jede Sicherheitsprüfung; nie der Text der Dateien.</translation>
    </message>
    <message>
        <source>days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>&amp;Forget the history…</source>
        <translation>&amp;Verlauf vergessen…</translation>
    </message>
    <message>
        <source>Removes every past question and answer from this machine.</source>
        <translation>Entfernt jede frühere Frage und Antwort von diesem Rechner.</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Forget all past questions and answers? This cannot be undone.</source>
        <translation>Alle früheren Fragen und Antworten vergessen? Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>{} question is forgotten.</source>
        <translation>{} Frage ist vergessen.</translation>
    </message>
    <message>
        <source>{} questions are forgotten.</source>
        <translation>{} Fragen sind vergessen.</translation>
    </message>
    <message>
        <source>Switched off. {}</source>
        <translation>Ausgeschaltet. {}</translation>
    </message>
    <message>
        <source>Your desktop decides this key; change it in the desktop&apos;s keyboard settings.</source>
        <translation>Der Desktop bestimmt diese Taste; sie lässt sich in seinen Tastatureinstellungen ändern.</translation>
    </message>
    <message>
        <source>Works in every window. Press the button, then the new keys.</source>
        <translation>Wirkt in jedem Fenster. Schaltfläche drücken, dann die neuen Tasten.</translation>
    </message>
    <message>
        <source>{key} was not taken. {why}</source>
        <translation>{key} wurde nicht übernommen. {why}</translation>
    </message>
    <message>
        <source>No model is chosen yet.</source>
        <translation>Noch ist kein Modell gewählt.</translation>
    </message>
    <message>
        <source>All models fit together: {together} of {room}.</source>
        <translation>Alle Modelle passen zusammen: {together} von {room}.</translation>
    </message>
    <message>
        <source>Models take turns: together they need {together}, and they may take {room}.</source>
        <translation>Modelle wechseln sich ab: zusammen brauchen sie {together}, und {room} dürfen sie nehmen.</translation>
    </message>
    <message>
        <source>Too much: those that are always loaded and the largest other one need {least}, and they may take {room}.</source>
        <translation>Zu viel: die immer geladenen und das größte andere brauchen {least}, und {room} dürfen sie nehmen.</translation>
    </message>
    <message>
        <source>{} always stay free</source>
        <translation>{} bleiben immer frei</translation>
    </message>
    <message>
        <source>{name} {size}, loaded</source>
        <translation>{name} {size}, geladen</translation>
    </message>
    <message>
        <source>{name} {size} when needed</source>
        <translation>{name} {size} bei Bedarf</translation>
    </message>
    <message>
        <source>Memory for models</source>
        <translation>Speicher für Modelle</translation>
    </message>
    <message>
        <source>Graphics memory for models</source>
        <translation>Grafikspeicher für Modelle</translation>
    </message>
    <message>
        <source>What models are used for</source>
        <translation>Wofür Modelle verwendet werden</translation>
    </message>
    <message>
        <source>Off: {}.</source>
        <translation>Aus: {}.</translation>
    </message>
    <message>
        <source>{role} uses {model}.</source>
        <translation>{role} nutzt {model}.</translation>
    </message>
    <message>
        <source>{role} answers at temperature {value}.</source>
        <translation>{role} antwortet mit Temperatur {value}.</translation>
    </message>
    <message>
        <source>All is as it is set below.</source>
        <translation>Alles ist, wie es unten eingestellt ist.</translation>
    </message>
    <message>
        <source>Take {} off the list of models? Its file stays where it is.</source>
        <translation>{} aus der Liste der Modelle nehmen? Die Datei bleibt, wo sie ist.</translation>
    </message>
    <message>
        <source>These use it and will have no model: {}.</source>
        <translation>Verwendet von, danach ohne Modell: {}.</translation>
    </message>
    <message>
        <source>{} is on the list of models already.</source>
        <translation>{} ist schon in der Liste der Modelle.</translation>
    </message>
    <message>
        <source>It is used for {}.</source>
        <translation>Verwendet für {}.</translation>
    </message>
    <message>
        <source>It is not used yet.</source>
        <translation>Noch wird es nicht verwendet.</translation>
    </message>
    <message>
        <source>{} is added.</source>
        <translation>{} ist hinzugefügt.</translation>
    </message>
    <message>
        <source>{} more before.</source>
        <translation>{} weitere davor.</translation>
    </message>
    <message>
        <source>These have no model now: {}.</source>
        <translation>Jetzt ohne Modell: {}.</translation>
    </message>
    <message>
        <source>{} is off the list of models.</source>
        <translation>{} ist aus der Liste der Modelle.</translation>
    </message>
    <message>
        <source>What shall {} be used for?</source>
        <translation>Wofür soll {} verwendet werden?</translation>
    </message>
    <message>
        <source>{role} (instead of {model})</source>
        <translation>{role} (statt {model})</translation>
    </message>
    <message>
        <source>{role}: {model} is at work</source>
        <translation>{role}: {model} arbeitet</translation>
    </message>
    <message>
        <source>in the background: questions go first</source>
        <translation>im Hintergrund: Fragen gehen vor</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>Kept free</source>
        <translation>Bleibt frei</translation>
    </message>
    <message>
        <source>Idle models leave after</source>
        <translation>Ungenutzte Modelle gehen nach</translation>
    </message>
    <message>
        <source>Load while you write</source>
        <translation>Beim Schreiben laden</translation>
    </message>
    <message>
        <source>Read model files at start</source>
        <translation>Modelldateien beim Start lesen</translation>
    </message>
    <message>
        <source>Long answers at once</source>
        <translation>Lange Antworten zugleich</translation>
    </message>
    <message>
        <source>More than one shares the same cores: each gets slower.</source>
        <translation>Mehr als eine teilen sich dieselben Kerne: jede wird langsamer.</translation>
    </message>
    <message>
        <source>Short tasks at once</source>
        <translation>Kurze Aufgaben zugleich</translation>
    </message>
    <message>
        <source>Automatic: </source>
        <translation>Automatisch: </translation>
    </message>
    <message>
        <source>&amp;Load now</source>
        <translation>Jetzt &amp;laden</translation>
    </message>
    <message>
        <source>U&amp;nload</source>
        <translation>&amp;Entladen</translation>
    </message>
    <message>
        <source>&amp;Remove…</source>
        <translation>Ent&amp;fernen…</translation>
    </message>
    <message>
        <source>unloading {}</source>
        <translation>{} wird entladen</translation>
    </message>
    <message>
        <source>Unload {} and load</source>
        <translation>{} entladen und laden</translation>
    </message>
    <message>
        <source>loading {}</source>
        <translation>{} wird geladen</translation>
    </message>
    <message>
        <source>Loading {}</source>
        <translation>{} wird geladen</translation>
    </message>
    <message>
        <source>Cancel loading {}</source>
        <translation>Laden von {} abbrechen</translation>
    </message>
    <message>
        <source>no file</source>
        <translation>keine Datei</translation>
    </message>
    <message>
        <source>not loaded</source>
        <translation>nicht geladen</translation>
    </message>
    <message>
        <source>loading</source>
        <translation>wird geladen</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>geladen</translation>
    </message>
    <message>
        <source>always loaded</source>
        <translation>immer geladen</translation>
    </message>
    <message>
        <source>another program</source>
        <translation>anderes Programm</translation>
    </message>
    <message>
        <source>not used by anything</source>
        <translation>wird nicht verwendet</translation>
    </message>
    <message>
        <source>a small model ({} billion parameters)</source>
        <translation>ein kleines Modell ({} Milliarden Parameter)</translation>
    </message>
    <message>
        <source>reads {} tokens at once</source>
        <translation>liest {} Token auf einmal</translation>
    </message>
    <message>
        <source>loaded in {} s</source>
        <translation>geladen in {} s</translation>
    </message>
    <message>
        <source>Its licence is not known.</source>
        <translation>Seine Lizenz ist nicht bekannt.</translation>
    </message>
    <message>
        <source>It continues texts and was not made to answer: it may ramble.</source>
        <translation>Es setzt Texte fort und wurde nicht zum Antworten gemacht: es schweift vielleicht ab.</translation>
    </message>
    <message>
        <source>Faster answers: {}.</source>
        <translation>Schnellere Antworten: {}.</translation>
    </message>
    <message>
        <source>speeds up {}</source>
        <translation>beschleunigt {}</translation>
    </message>
    <message>
        <source>Memory used</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>{} tokens/s</source>
        <translation>{} Token/s</translation>
    </message>
    <message>
        <source>answering</source>
        <translation>antwortet</translation>
    </message>
    <message>
        <source>~ {}</source>
        <translation>~ {}</translation>
    </message>
    <message>
        <source>Never with {}.</source>
        <translation>Nie mit {}.</translation>
    </message>
    <message>
        <source>Known{when}: {issue} {todo}</source>
        <translation>Bekannt{when}: {issue} {todo}</translation>
    </message>
    <message>
        <source>stands in for {}</source>
        <translation>springt ein für {}</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>&amp;Add a model…</source>
        <translation>&amp;Modell hinzufügen…</translation>
    </message>
    <message>
        <source>At work</source>
        <translation>Bei der Arbeit</translation>
    </message>
    <message>
        <source>Memory and speed</source>
        <translation>Speicher und Tempo</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Modus</translation>
    </message>
    <message>
        <source>&amp;Find one for this machine</source>
        <translation>&amp;Eines für diesen Rechner finden</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>Answers are the best sentences of your documents, with their pages. Drop a GGUF file here for answers in full sentences.</source>
        <translation>Antworten sind die besten Sätze der Dokumente, mit ihren Seiten. Für Antworten in ganzen Sätzen eine GGUF-Datei hier ablegen.</translation>
    </message>
    <message>
        <source>Providers</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Plugins</source>
        <translation>Plugins</translation>
    </message>
    <message>
        <source>A plugin that does not work is left out, and the reason stands here.</source>
        <translation>Ein Plugin, das nicht funktioniert, bleibt weg, und der Grund steht hier.</translation>
    </message>
    <message>
        <source>Loading the plugins…</source>
        <translation>Die Plugins werden geladen…</translation>
    </message>
    <message>
        <source>On</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Plugin {} is on</source>
        <translation>Plugin {} ist an</translation>
    </message>
    <message>
        <source>Left out. {}</source>
        <translation>Weggelassen. {}</translation>
    </message>
    <message>
        <source>{plugin}: {setting}</source>
        <translation>{plugin}: {setting}</translation>
    </message>
    <message>
        <source>Answers as {}.</source>
        <translation>Antwortet als {}.</translation>
    </message>
    <message>
        <source>pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>web pages</source>
        <translation>Webseiten</translation>
    </message>
    <message>
        <source>Reads files: {}.</source>
        <translation>Liest Dateien: {}.</translation>
    </message>
    <message>
        <source>Gives answers tools: {}.</source>
        <translation>Gibt Antworten Werkzeuge: {}.</translation>
    </message>
    <message>
        <source>Works in the background: {}.</source>
        <translation>Arbeitet im Hintergrund: {}.</translation>
    </message>
    <message>
        <source>Provider {} is on</source>
        <translation>Anbieter {} ist an</translation>
    </message>
    <message>
        <source>Switch on</source>
        <translation>Einschalten</translation>
    </message>
    <message>
        <source>Leave it off</source>
        <translation>Ausgeschaltet lassen</translation>
    </message>
    <message>
        <source>Store</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Testen</translation>
    </message>
    <message>
        <source>Add to models</source>
        <translation>Zu den Modellen</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Switch it on first: while it is off nothing is sent.</source>
        <translation>Erst einschalten: solange er aus ist, wird nichts gesendet.</translation>
    </message>
    <message>
        <source>The keyring is asked for its key once it is on.</source>
        <translation>Der Schlüsselbund wird nach dem Schlüssel gefragt, sobald er an ist.</translation>
    </message>
    <message>
        <source>Storing; your desktop may ask for the keyring&apos;s password…</source>
        <translation>Wird gespeichert; der Desktop fragt vielleicht nach dem Passwort des Schlüsselbunds…</translation>
    </message>
    <message>
        <source>Looking into the keyring…</source>
        <translation>Der Schlüsselbund wird angesehen…</translation>
    </message>
    <message>
        <source>In the keyring.</source>
        <translation>Im Schlüsselbund.</translation>
    </message>
    <message>
        <source>For this session only: it is in memory, and gone when trayassist ends.</source>
        <translation>Nur für diese Sitzung: er ist im Speicher und weg, wenn trayassist endet.</translation>
    </message>
    <message>
        <source>No key is stored.</source>
        <translation>Kein Schlüssel gespeichert.</translation>
    </message>
    <message>
        <source>It needs no key, or you give it one here.</source>
        <translation>Er braucht keinen Schlüssel, oder einer lässt sich hier angeben.</translation>
    </message>
    <message>
        <source>Asking for its models…</source>
        <translation>Er wird nach seinen Modellen gefragt…</translation>
    </message>
    <message>
        <source>{} model</source>
        <translation>{} Modell</translation>
    </message>
    <message>
        <source>{} models</source>
        <translation>{} Modelle</translation>
    </message>
    <message>
        <source>It answers in {ms:.0f} ms: {found}.</source>
        <translation>Er antwortet in {ms:.0f} ms: {found}.</translation>
    </message>
    <message>
        <source>{} is among the models already.</source>
        <translation>{} ist schon bei den Modellen.</translation>
    </message>
    <message>
        <source>“{}” is among the models now; give it to a role there.</source>
        <translation>„{}“ ist jetzt bei den Modellen; dort kann es eine Rolle bekommen.</translation>
    </message>
    <message>
        <source>Paste a key; it goes into the system&apos;s keyring</source>
        <translation>Schlüssel einfügen; er kommt in den Schlüsselbund des Systems</translation>
    </message>
    <message>
        <source>Address of {}</source>
        <translation>Adresse von {}</translation>
    </message>
    <message>
        <source>Key of {}</source>
        <translation>Schlüssel von {}</translation>
    </message>
    <message>
        <source>Store the key of {}</source>
        <translation>Schlüssel von {} speichern</translation>
    </message>
    <message>
        <source>Remove the key of {}</source>
        <translation>Schlüssel von {} entfernen</translation>
    </message>
    <message>
        <source>Test {}</source>
        <translation>{} testen</translation>
    </message>
    <message>
        <source>Models of {}</source>
        <translation>Modelle von {}</translation>
    </message>
    <message>
        <source>Add the chosen model of {} to the models</source>
        <translation>Gewähltes Modell von {} zu den Modellen hinzufügen</translation>
    </message>
    <message>
        <source>The GGUF files on this machine.</source>
        <translation>Die GGUF-Dateien auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Made-up answers, always the same, to try a configuration without a model.</source>
        <translation>Erfundene Antworten, immer dieselben, um eine Konfiguration ohne Modell auszuprobieren.</translation>
    </message>
    <message>
        <source>On another machine: {}</source>
        <translation>Auf einem anderen Rechner: {}</translation>
    </message>
    <message>
        <source>On this machine</source>
        <translation>Auf diesem Rechner</translation>
    </message>
    <message>
        <source>costs money: only roles and jobs that the policy in registry.yaml names may use its models</source>
        <translation>kostet Geld: nur Rollen und Aufträge, die die Policy in registry.yaml nennt, dürfen seine Modelle nutzen</translation>
    </message>
    <message>
        <source>A provider runs models. llama.cpp runs the files on this machine. Servers with OpenAI&apos;s interface are others: Ollama, llama-server, LM Studio and vLLM have one.</source>
        <translation>Ein Anbieter lässt Modelle laufen. llama.cpp nimmt die Dateien auf diesem Rechner. Andere sind Server mit der Schnittstelle von OpenAI: Ollama, llama-server, LM Studio und vLLM haben eine.</translation>
    </message>
    <message>
        <source>{} on</source>
        <translation>{} an</translation>
    </message>
    <message>
        <source>What their models are asked is sent to: {}.</source>
        <translation>Was ihre Modelle gefragt werden, geht an: {}.</translation>
    </message>
    <message>
        <source>Nothing leaves this machine: every provider on another machine is off.</source>
        <translation>Nichts verlässt diesen Rechner: jeder Anbieter auf einem anderen Rechner ist aus.</translation>
    </message>
    <message>
        <source>Another server</source>
        <translation>Weiterer Server</translation>
    </message>
    <message>
        <source>Name of another server</source>
        <translation>Name des weiteren Servers</translation>
    </message>
    <message>
        <source>Address of another server</source>
        <translation>Adresse des weiteren Servers</translation>
    </message>
    <message>
        <source>The other server costs money</source>
        <translation>Der weitere Server kostet Geld</translation>
    </message>
    <message>
        <source>Add the server</source>
        <translation>Server hinzufügen</translation>
    </message>
    <message>
        <source>Costs money</source>
        <translation>Kostet Geld</translation>
    </message>
    <message>
        <source>Name, such as lmstudio</source>
        <translation>Name, etwa lmstudio</translation>
    </message>
    <message>
        <source>Only roles and jobs that the policy in registry.yaml names may use its models.</source>
        <translation>Nur Rollen und Aufträge, die die Policy in registry.yaml nennt, dürfen seine Modelle nutzen.</translation>
    </message>
    <message>
        <source>Give a name and an address.</source>
        <translation>Bitte Name und Adresse angeben.</translation>
    </message>
    <message>
        <source>There is a provider “{}” already.</source>
        <translation>Einen Anbieter „{}“ gibt es schon.</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>Warteschlange</translation>
    </message>
    <message>
        <source>No model is at work, and nothing waits.</source>
        <translation>Kein Modell arbeitet, und nichts wartet.</translation>
    </message>
    <message>
        <source>{role} waits for {model}</source>
        <translation>{role} wartet auf {model}</translation>
    </message>
    <message>
        <source>{}: asked in turn</source>
        <translation>{}: der Reihe nach gefragt</translation>
    </message>
    <message>
        <source>Asked in turn</source>
        <translation>Der Reihe nach gefragt</translation>
    </message>
    <message>
        <source>Faster answers</source>
        <translation>Schnellere Antworten</translation>
    </message>
    <message>
        <source>{role}: {setting}</source>
        <translation>{role}: {setting}</translation>
    </message>
    <message>
        <source>usual ({})</source>
        <translation>üblich ({})</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Immer</translation>
    </message>
    <message>
        <source>Until it is idle</source>
        <translation>Bis es ungenutzt ist</translation>
    </message>
    <message>
        <source>Stays loaded</source>
        <translation>Bleibt geladen</translation>
    </message>
    <message>
        <source>When the model above cannot answer. Never one that costs money.</source>
        <translation>Wenn das Modell oben nicht antworten kann. Nie eines, das Geld kostet.</translation>
    </message>
    <message>
        <source>Temperature, longest answer, context, time limit, queue, at once</source>
        <translation>Temperatur, längste Antwort, Kontext, Zeitgrenze, Warteschlange, zugleich</translation>
    </message>
    <message>
        <source>Faster answers: draft model, draft from the prompt</source>
        <translation>Schnellere Antworten: Entwurfsmodell, Entwurf aus der Eingabe</translation>
    </message>
    <message>
        <source>Only by the button</source>
        <translation>Nur mit der Schaltfläche</translation>
    </message>
    <message>
        <source>Long answers</source>
        <translation>Lange Antworten</translation>
    </message>
    <message>
        <source>Short tasks</source>
        <translation>Kurze Aufgaben</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>“Always” loads it at start; “until it is idle” takes it out of memory when it is not used.</source>
        <translation>„Immer“ lädt es beim Start; „bis es ruht“ nimmt es aus dem Speicher, wenn es nicht gebraucht wird.</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>0 is the likeliest answer each time, 1 is lively.</source>
        <translation>0 ist jedes Mal die wahrscheinlichste Antwort, 1 ist lebhaft.</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Längste Antwort</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Question, passages and answer together. More takes more memory: the bar above shows it while you type.</source>
        <translation>Frage, Textstellen und Antwort zusammen. Mehr braucht mehr Speicher: der Balken oben zeigt es beim Tippen.</translation>
    </message>
    <message>
        <source>Time limit</source>
        <translation>Zeitgrenze</translation>
    </message>
    <message>
        <source>Loading left out.</source>
        <translation>Ohne das Laden.</translation>
    </message>
    <message>
        <source>At once</source>
        <translation>Zugleich</translation>
    </message>
    <message>
        <source>Requests of this role that run at the same time.</source>
        <translation>Anfragen dieser Rolle, die zur selben Zeit laufen.</translation>
    </message>
    <message>
        <source>Short tasks do not wait for long answers.</source>
        <translation>Kurze Aufgaben warten nicht auf lange Antworten.</translation>
    </message>
    <message>
        <source>A small model of the same vocabulary drafts, the large one checks: the same answer, sooner, where the pair fits.</source>
        <translation>Ein kleines Modell mit demselben Vokabular entwirft, das große prüft: dieselbe Antwort, früher, wenn das Paar passt.</translation>
    </message>
    <message>
        <source>Now: {}.</source>
        <translation>Jetzt: {}.</translation>
    </message>
    <message>
        <source>Right were {share} of {drafted} drafted tokens.</source>
        <translation>Richtig waren {share} von {drafted} entworfenen Token.</translation>
    </message>
    <message>
        <source>role model</source>
        <translation>Rolle Modell</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>{}: model</source>
        <translation>{}: Modell</translation>
    </message>
    <message>
        <source>Less</source>
        <translation>Weniger</translation>
    </message>
    <message>
        <source>More about {}</source>
        <translation>Mehr über {}</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>Kein Modell</translation>
    </message>
    <message>
        <source>The same as {}</source>
        <translation>Dasselbe wie {}</translation>
    </message>
    <message>
        <source>It fits.</source>
        <translation>Es passt.</translation>
    </message>
    <message>
        <source>{} is set for it, and is not asked.</source>
        <translation>{} ist dafür eingestellt und wird nicht gefragt.</translation>
    </message>
    <message>
        <source>It uses the model of {}.</source>
        <translation>Nutzt das Modell von {}.</translation>
    </message>
    <message>
        <source>It works by rules</source>
        <translation>Arbeitet nach Regeln</translation>
    </message>
    <message>
        <source>Without a model, answers are sentences from your documents.</source>
        <translation>Ohne Modell sind Antworten Sätze aus den Dokumenten.</translation>
    </message>
    <message>
        <source>licence {}</source>
        <translation>Lizenz {}</translation>
    </message>
    <message>
        <source>{} page/s</source>
        <translation>{} Seite/s</translation>
    </message>
    <message>
        <source>{} %</source>
        <translation>{} %</translation>
    </message>
    <message>
        <source>{} min</source>
        <translation>{} min</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
        <source>today {}</source>
        <translation>heute {}</translation>
    </message>
    <message>
        <source>yesterday {}</source>
        <translation>gestern {}</translation>
    </message>
    <message>
        <source>Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec</source>
        <translation>Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.</translation>
    </message>
    <message>
        <source>{day} {month} {year}, {clock}</source>
        <translation>{day}. {month} {year}, {clock}</translation>
    </message>
    <message>
        <source>A lock: no model is looked up or fetched, even if you ask. Providers have their own switches.</source>
        <translation>Eine Sperre: kein Modell wird nachgesehen oder geholt, auch nicht auf Wunsch. Anbieter haben eigene Schalter.</translation>
    </message>
    <message>
        <source>A model not used for so long is unloaded.</source>
        <translation>Ein Modell, das so lange nicht genutzt wird, wird entladen.</translation>
    </message>
    <message>
        <source>A model that takes longer to load is given up.</source>
        <translation>Ein Modell, das länger zum Laden braucht, wird aufgegeben.</translation>
    </message>
    <message>
        <source>Files read at the same time.</source>
        <translation>Dateien, die zur selben Zeit gelesen werden.</translation>
    </message>
    <message>
        <source>Keys, tokens and passwords in them are kept as [secret: …].</source>
        <translation>Schlüssel, Token und Passwörter darin werden als [secret: …] aufbewahrt.</translation>
    </message>
    <message>
        <source>Larger files are refused.</source>
        <translation>Größere Dateien werden abgelehnt.</translation>
    </message>
    <message>
        <source>Leave out hidden files when a folder is walked.</source>
        <translation>Versteckte Dateien auslassen, wenn ein Ordner durchsucht wird.</translation>
    </message>
    <message>
        <source>Load the model of a question while it is written, where nothing is unloaded for it.</source>
        <translation>Das Modell einer Frage laden, während sie geschrieben wird, wenn dafür nichts entladen wird.</translation>
    </message>
    <message>
        <source>Longest a file may take.</source>
        <translation>Längste Zeit für eine Datei.</translation>
    </message>
    <message>
        <source>Longest a page may take before its file is given up.</source>
        <translation>Längste Zeit für eine Seite, bevor ihre Datei aufgegeben wird.</translation>
    </message>
    <message>
        <source>Memory a reader may take on top of its start size.</source>
        <translation>Speicher, den ein Leser über seine Startgröße hinaus nehmen darf.</translation>
    </message>
    <message>
        <source>Memory of the machine that models never take.</source>
        <translation>Speicher des Rechners, den Modelle nie nehmen.</translation>
    </message>
    <message>
        <source>Modifiers and a key joined by +, such as ctrl+alt+space.</source>
        <translation>Umschalttasten und eine Taste, mit + verbunden, etwa ctrl+alt+space.</translation>
    </message>
    <message>
        <source>Read model files once at start, at low priority.</source>
        <translation>Modelldateien beim Start einmal lesen, mit niedriger Priorität.</translation>
    </message>
    <message>
        <source>Read pages without text by OCR, where language data is there.</source>
        <translation>Seiten ohne Text mit OCR lesen, wenn Sprachdaten da sind.</translation>
    </message>
    <message>
        <source>Seconds the last answer stays in a hidden popup.</source>
        <translation>So viele Sekunden bleibt die letzte Antwort im verborgenen Popup.</translation>
    </message>
    <message>
        <source>Size of all text, in percent of the desktop&apos;s.</source>
        <translation>Größe aller Texte, in Prozent dessen, was der Desktop vorgibt.</translation>
    </message>
    <message>
        <source>Tesseract language codes joined by +, such as eng+deu.</source>
        <translation>Sprachkürzel von Tesseract, mit + verbunden, etwa eng+deu.</translation>
    </message>
    <message>
        <source>Whether the popup stays open when another window is clicked.</source>
        <translation>Ob das Popup offen bleibt, wenn ein anderes Fenster angeklickt wird.</translation>
    </message>
    <message>
        <source>auto = 90 % of the GPU&apos;s memory.</source>
        <translation>auto = 90 % des Speichers der Grafikkarte.</translation>
    </message>
    <message>
        <source>auto = the smaller of RAM less 6 GB and 60 % of RAM.</source>
        <translation>auto = das Kleinere von RAM weniger 6 GB und 60 % des RAM.</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>Assistent</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>Notizen</translation>
    </message>
    <message>
        <source>Order of results</source>
        <translation>Reihenfolge der Treffer</translation>
    </message>
    <message>
        <source>Answers from your documents and talks with you.</source>
        <translation>Antwortet aus den Dokumenten und unterhält sich.</translation>
    </message>
    <message>
        <source>Writes and explains code.</source>
        <translation>Schreibt und erklärt Code.</translation>
    </message>
    <message>
        <source>Keeps the facts that you ask it to remember.</source>
        <translation>Behält die Merksätze, die es sich merken soll.</translation>
    </message>
    <message>
        <source>Looks at every question and answer for danger.</source>
        <translation>Prüft jede Frage und Antwort auf Gefahren.</translation>
    </message>
    <message>
        <source>Everyday</source>
        <translation>Alltag</translation>
    </message>
    <message>
        <source>Inventive</source>
        <translation>Einfallsreich</translation>
    </message>
    <message>
        <source>Exact, without notes</source>
        <translation>Genau, ohne Notizen</translation>
    </message>
    <message>
        <source>Reading files</source>
        <translation>Dateien lesen</translation>
    </message>
    <message>
        <source>Made-up answers</source>
        <translation>Erfundene Antworten</translation>
    </message>
    <message>
        <source>Finds passages by what they mean. Without a model, memory uses its own small one.</source>
        <translation>Findet Stellen nach ihrer Bedeutung. Ohne Modell verwendet das Gedächtnis sein eigenes kleines.</translation>
    </message>
    <message>
        <source>Puts the best pages first. Without a model they stay as they were found.</source>
        <translation>Stellt die besten Seiten nach vorn. Ohne Modell bleiben sie, wie sie gefunden wurden.</translation>
    </message>
</context>
<context>
    <name>ActivityLine</name>
    <message>
        <source>{0}, {1} of {2}</source>
        <translation>{0}, {1} von {2}</translation>
    </message>
    <message>
        <source>{0}, {1} s</source>
        <translation>{0}, {1} s</translation>
    </message>
</context>
<context>
    <name>ActivityWindow</name>
    <message>
        <source>Activity</source>
        <translation>Aktivität</translation>
    </message>
    <message>
        <source>History and activity</source>
        <translation>Verlauf und Aktivität</translation>
    </message>
    <message>
        <source>Parts of the window</source>
        <translation>Teile des Fensters</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>High risk this week</source>
        <translation>Hohes Risiko diese Woche</translation>
    </message>
    <message>
        <source>Destructive commands</source>
        <translation>Zerstörerische Befehle</translation>
    </message>
    <message>
        <source>Commands that looked destructive</source>
        <translation>Befehle, die zerstörerisch aussahen</translation>
    </message>
</context>
<context>
    <name>AnswerNews</name>
    <message>
        <source>an answer waits for your yes or no</source>
        <translation>eine Antwort wartet auf Ja oder Nein</translation>
    </message>
    <message>
        <source>your answer is ready</source>
        <translation>die Antwort ist da</translation>
    </message>
</context>
<context>
    <name>AnswerPanel</name>
    <message>
        <source>Pages this answer comes from</source>
        <translation>Seiten, aus denen diese Antwort stammt</translation>
    </message>
    <message>
        <source>Nearest pages in your documents:</source>
        <translation>Nächstliegende Seiten in den Dokumenten:</translation>
    </message>
    <message>
        <source>Nearest pages</source>
        <translation>Nächstliegende Seiten</translation>
    </message>
    <message>
        <source>Other ways to answer</source>
        <translation>Andere Wege zur Antwort</translation>
    </message>
    <message>
        <source>The answer did not come.</source>
        <translation>Die Antwort kam nicht.</translation>
    </message>
    <message>
        <source>Ask again</source>
        <translation>Noch einmal fragen</translation>
    </message>
    <message>
        <source>Answer: {0}</source>
        <translation>Antwort: {0}</translation>
    </message>
    <message>
        <source>something you asked to remember</source>
        <translation>etwas, das gemerkt werden sollte</translation>
    </message>
    <message>
        <source>p. {0}</source>
        <translation>S. {0}</translation>
    </message>
    <message>
        <source>Open anyway</source>
        <translation>Trotzdem öffnen</translation>
    </message>
    <message>
        <source>Follow-up</source>
        <translation>Folgefrage</translation>
    </message>
    <message>
        <source>Follow-up to: {0}</source>
        <translation>Folgefrage zu: {0}</translation>
    </message>
    <message>
        <source>Asked in full: {0}</source>
        <translation>Ausgeschrieben: {0}</translation>
    </message>
    <message>
        <source>Ask it by itself (Ctrl+Shift+N)</source>
        <translation>Für sich allein fragen (Strg+Umschalt+N)</translation>
    </message>
    <message>
        <source>Answer in words</source>
        <translation>In Worten antworten</translation>
    </message>
    <message>
        <source>Answer with code</source>
        <translation>Mit Code antworten</translation>
    </message>
    <message>
        <source>Calculate it</source>
        <translation>Ausrechnen</translation>
    </message>
    <message>
        <source>Search my documents</source>
        <translation>Eigene Dokumente durchsuchen</translation>
    </message>
    <message>
        <source>Summarise it</source>
        <translation>Zusammenfassen</translation>
    </message>
    <message>
        <source>Keep or forget it as a fact</source>
        <translation>Als Merksatz behalten oder vergessen</translation>
    </message>
    <message>
        <source>Do it on this machine</source>
        <translation>Auf diesem Rechner ausführen</translation>
    </message>
    <message>
        <source>Keep it as a task</source>
        <translation>Als Aufgabe merken</translation>
    </message>
    <message>
        <source>this could do damage</source>
        <translation>das könnte Schaden anrichten</translation>
    </message>
    <message>
        <source>High risk: {0}. Copying is locked.</source>
        <translation>Hohes Risiko: {0}. Das Kopieren ist gesperrt.</translation>
    </message>
</context>
<context>
    <name>AnswerPresenter</name>
    <message>
        <source>thinking</source>
        <translation>denkt nach</translation>
    </message>
    <message>
        <source>waiting for your answer</source>
        <translation>wartet auf eine Antwort</translation>
    </message>
</context>
<context>
    <name>AnswerView</name>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>The answer; citation marks are links to the page they come from</source>
        <translation>Die Antwort; Fundstellen sind Links zu ihrer Seite</translation>
    </message>
    <message>
        <source>{0} more characters are not shown. Copying the answer has them all.</source>
        <translation>{0} weitere Zeichen werden nicht gezeigt. Beim Kopieren der Antwort sind alle dabei.</translation>
    </message>
    <message>
        <source>code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>long lines are cut here, copying has them whole</source>
        <translation>lange Zeilen sind hier gekürzt, kopiert werden sie ganz</translation>
    </message>
</context>
<context>
    <name>AskField</name>
    <message>
        <source>Ask, or drop a file…</source>
        <translation>Fragen oder Datei ablegen…</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>Frage</translation>
    </message>
    <message>
        <source>Enter asks, Shift+Enter begins a new line, Up and Down recall earlier questions</source>
        <translation>Eingabe fragt, Umschalt+Eingabe beginnt eine neue Zeile, Auf und Ab holen frühere Fragen</translation>
    </message>
</context>
<context>
    <name>CopyButton</name>
    <message>
        <source>Locked: open the warning first</source>
        <translation>Gesperrt: erst die Warnung öffnen</translation>
    </message>
    <message>
        <source>Copy this code</source>
        <translation>Diesen Code kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>Desktop</name>
    <message>
        <source>The plugin {0} does not work: {1}</source>
        <translation>Das Plugin {0} funktioniert nicht: {1}</translation>
    </message>
    <message>
        <source>{} or “trayassist toggle”</source>
        <translation>{} oder „trayassist toggle“</translation>
    </message>
    <message>
        <source>No system tray runs here, so there is no icon. {} opens this window.</source>
        <translation>Hier läuft kein Infobereich, also gibt es kein Symbol. {} öffnet dieses Fenster.</translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>Copy the answer</source>
        <translation>Antwort kopieren</translation>
    </message>
    <message>
        <source>asked {0}</source>
        <translation>gefragt: {0}</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>Earlier answer (Alt+Left)</source>
        <translation>Frühere Antwort (Alt+Links)</translation>
    </message>
    <message>
        <source>Later answer (Alt+Right)</source>
        <translation>Spätere Antwort (Alt+Rechts)</translation>
    </message>
    <message>
        <source>Answer again (Ctrl+R)</source>
        <translation>Noch einmal antworten (Strg+R)</translation>
    </message>
    <message>
        <source>Stop (Esc)</source>
        <translation>Anhalten (Esc)</translation>
    </message>
    <message>
        <source>More about this answer (Ctrl+I)</source>
        <translation>Mehr über diese Antwort (Strg+I)</translation>
    </message>
    <message>
        <source>cut at the longest length</source>
        <translation>bei der größten Länge abgeschnitten</translation>
    </message>
    <message>
        <source>ended where the model began to repeat itself</source>
        <translation>beendet, wo das Modell anfing, sich zu wiederholen</translation>
    </message>
    <message>
        <source>, 1 token</source>
        <translation>, 1 Token</translation>
    </message>
    <message>
        <source>Answered by</source>
        <translation>Beantwortet von</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>none was needed</source>
        <translation>keins war nötig</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>On</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>, {0} tokens</source>
        <translation>, {0} Token</translation>
    </message>
    <message>
        <source>Drafted ahead</source>
        <translation>Vorausgedacht</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>Weggelassen</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Answer {0} of {1}</source>
        <translation>Antwort {0} von {1}</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>low risk</source>
        <translation>geringes Risiko</translation>
    </message>
    <message>
        <source>medium risk</source>
        <translation>mittleres Risiko</translation>
    </message>
    <message>
        <source>high risk</source>
        <translation>hohes Risiko</translation>
    </message>
    <message>
        <source>not checked</source>
        <translation>nicht geprüft</translation>
    </message>
</context>
<context>
    <name>LinkBox</name>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>Adresse kopieren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Write a mail to this address?</source>
        <translation>Eine E-Mail an diese Adresse schreiben?</translation>
    </message>
    <message>
        <source>Open {0} in your browser?</source>
        <translation>{0} im Browser öffnen?</translation>
    </message>
</context>
<context>
    <name>MemoryWindow</name>
    <message>
        <source>Memory</source>
        <translation>Gedächtnis</translation>
    </message>
    <message>
        <source>Parts of memory</source>
        <translation>Teile des Gedächtnisses</translation>
    </message>
    <message>
        <source>There is no file in there that can be read.</source>
        <translation>Darin ist keine Datei, die gelesen werden kann.</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>Dokumente</translation>
    </message>
    <message>
        <source>Facts</source>
        <translation>Merksätze</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suche</translation>
    </message>
</context>
<context>
    <name>MovingLine</name>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Dismiss</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
</context>
<context>
    <name>Opener</name>
    <message>
        <source>Remember files</source>
        <translation>Dateien merken</translation>
    </message>
    <message>
        <source>Remember</source>
        <translation>Merken</translation>
    </message>
</context>
<context>
    <name>Overlay</name>
    <message>
        <source>Drop files here to remember them</source>
        <translation>Dateien hier ablegen, um sie zu merken</translation>
    </message>
</context>
<context>
    <name>PageWindow</name>
    <message>
        <source>The passage is copied.</source>
        <translation>Die Textstelle ist kopiert.</translation>
    </message>
    <message>
        <source>The text of the page is copied.</source>
        <translation>Der Text der Seite ist kopiert.</translation>
    </message>
    <message>
        <source>Something you asked to remember</source>
        <translation>Etwas, das gemerkt werden sollte</translation>
    </message>
    <message>
        <source>{name}, page {page}</source>
        <translation>{name}, Seite {page}</translation>
    </message>
    <message>
        <source>Opening page {page} of {name}…</source>
        <translation>Seite {page} von {name} wird geöffnet…</translation>
    </message>
    <message>
        <source>The passage was not found on this page; the file may have changed since it was remembered.</source>
        <translation>Die Textstelle ist auf dieser Seite nicht zu finden; vielleicht hat sich die Datei seit dem Merken geändert.</translation>
    </message>
    <message>
        <source>You asked to remember this</source>
        <translation>Das sollte gemerkt werden</translation>
    </message>
    <message>
        <source>No program is set up here to open {}.</source>
        <translation>Hier ist kein Programm eingerichtet, das {} öffnet.</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>Ordner zeigen</translation>
    </message>
</context>
<context>
    <name>PasswordRow</name>
    <message>
        <source>{0} needs a password.</source>
        <translation>{0} braucht ein Passwort.</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Password of {0}</source>
        <translation>Passwort von {0}</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>That password does not open {0}.</source>
        <translation>Dieses Passwort öffnet {0} nicht.</translation>
    </message>
</context>
<context>
    <name>PopupHeader</name>
    <message>
        <source>Ask</source>
        <translation>Fragen</translation>
    </message>
    <message>
        <source>Model for this question (Ctrl+M)</source>
        <translation>Modell für diese Frage (Strg+M)</translation>
    </message>
    <message>
        <source>New conversation (Ctrl+N)</source>
        <translation>Neues Gespräch (Strg+N)</translation>
    </message>
    <message>
        <source>Keep open</source>
        <translation>Offen halten</translation>
    </message>
    <message>
        <source>Sent along with the question</source>
        <translation>Geht mit der Frage mit</translation>
    </message>
    <message>
        <source>Close when another window is clicked</source>
        <translation>Schließen, wenn ein anderes Fenster angeklickt wird</translation>
    </message>
    <message>
        <source>{0}, for this question</source>
        <translation>{0}, für diese Frage</translation>
    </message>
    <message>
        <source>No model: quotes only</source>
        <translation>Ohne Modell: nur Zitate</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>und {0} weitere</translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation>{0} entfernen</translation>
    </message>
</context>
<context>
    <name>QuestionButton</name>
    <message>
        <source>Edit and ask again: {0}</source>
        <translation>Ändern und noch einmal fragen: {0}</translation>
    </message>
    <message>
        <source>Edit and ask again</source>
        <translation>Ändern und noch einmal fragen</translation>
    </message>
</context>
<context>
    <name>QuestionRunner</name>
    <message>
        <source>The answer ended early: trayassist met an error that it logged.</source>
        <translation>Die Antwort endete zu früh: ein Fehler trat auf und steht im Protokoll.</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>beginnt</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>liest</translation>
    </message>
</context>
<context>
    <name>Questions</name>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
</context>
<context>
    <name>QuoteRow</name>
    <message>
        <source>Page</source>
        <translation>Seite</translation>
    </message>
    <message>
        <source>something you asked to remember</source>
        <translation>etwas, das gemerkt werden sollte</translation>
    </message>
    <message>
        <source>p. {0}</source>
        <translation>S. {0}</translation>
    </message>
</context>
<context>
    <name>QuotesPanel</name>
    <message>
        <source>Quotes from your documents</source>
        <translation>Zitate aus den Dokumenten</translation>
    </message>
    <message>
        <source>Only a weak match was found in your documents:</source>
        <translation>In den Dokumenten passt nur wenig dazu:</translation>
    </message>
    <message>
        <source>Your documents say:</source>
        <translation>In den Dokumenten steht:</translation>
    </message>
</context>
<context>
    <name>ReadingPanel</name>
    <message>
        <source>Files being read</source>
        <translation>Dateien, die gelesen werden</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel reading files</source>
        <translation>Lesen der Dateien abbrechen</translation>
    </message>
    <message>
        <source>Read on</source>
        <translation>Weiterlesen</translation>
    </message>
    <message>
        <source>Close these messages</source>
        <translation>Diese Meldungen schließen</translation>
    </message>
    <message>
        <source>Reading is paused: 1 file waits</source>
        <translation>Lesen ist angehalten: 1 Datei wartet</translation>
    </message>
    <message>
        <source>Reading is paused: {0} files wait</source>
        <translation>Lesen ist angehalten: {0} Dateien warten</translation>
    </message>
    <message>
        <source>Waiting to be read: {0} files</source>
        <translation>Warten darauf, gelesen zu werden: {0} Dateien</translation>
    </message>
    <message>
        <source>Waiting to be read: 1 file</source>
        <translation>Wartet aufs Lesen: 1 Datei</translation>
    </message>
    <message>
        <source>page {0} of {1}</source>
        <translation>Seite {0} von {1}</translation>
    </message>
    <message>
        <source>file {0} of {1}</source>
        <translation>Datei {0} von {1}</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>noch {0}</translation>
    </message>
    <message>
        <source>{0} files</source>
        <translation>{0} Dateien</translation>
    </message>
    <message>
        <source>1 page</source>
        <translation>1 Seite</translation>
    </message>
    <message>
        <source>{0} pages</source>
        <translation>{0} Seiten</translation>
    </message>
    <message>
        <source>Remembered: {0}, {1}</source>
        <translation>Gemerkt: {0}, {1}</translation>
    </message>
    <message>
        <source>1 file was not read</source>
        <translation>1 Datei wurde nicht gelesen</translation>
    </message>
    <message>
        <source>{0} files were not read</source>
        <translation>{0} Dateien wurden nicht gelesen</translation>
    </message>
    <message>
        <source>And {0} more. The memory window lists them all.</source>
        <translation>Und {0} weitere. Das Fenster Gedächtnis zeigt alle.</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Pages of settings</source>
        <translation>Seiten der Einstellungen</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>Find a setting</source>
        <translation>Einstellung suchen</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message>
        <source>Drop files here to remember them</source>
        <translation>Dateien hier ablegen, um sie zu merken</translation>
    </message>
</context>
<context>
    <name>Suggestions</name>
    <message>
        <source>Suggestions</source>
        <translation>Vorschläge</translation>
    </message>
</context>
<context>
    <name>ThoughtsPanel</name>
    <message>
        <source>What the model thought</source>
        <translation>Was das Modell dachte</translation>
    </message>
    <message>
        <source>Thought for {0:.0f} s</source>
        <translation>Dachte {0:.0f} s nach</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Denkt nach…</translation>
    </message>
    <message>
        <source>Folds what the model thought away</source>
        <translation>Klappt ein, was das Modell dachte</translation>
    </message>
    <message>
        <source>Shows what the model thought</source>
        <translation>Zeigt, was das Modell dachte</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>reading is paused</source>
        <translation>Lesen ist angehalten</translation>
    </message>
    <message>
        <source>thinking</source>
        <translation>denkt nach</translation>
    </message>
    <message>
        <source>{} to ask</source>
        <translation>{} zum Fragen</translation>
    </message>
    <message>
        <source>&amp;Ask…</source>
        <translation>&amp;Fragen…</translation>
    </message>
    <message>
        <source>Add &amp;files…</source>
        <translation>&amp;Dateien hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Pause reading</source>
        <translation>&amp;Lesen anhalten</translation>
    </message>
    <message>
        <source>&amp;Cancel reading</source>
        <translation>Lesen a&amp;bbrechen</translation>
    </message>
    <message>
        <source>&amp;Memory</source>
        <translation>&amp;Gedächtnis</translation>
    </message>
    <message>
        <source>&amp;History</source>
        <translation>Ve&amp;rlauf</translation>
    </message>
    <message>
        <source>Acti&amp;vity</source>
        <translation>Akti&amp;vität</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Bee&amp;nden</translation>
    </message>
</context>
<context>
    <name>Typing</name>
    <message>
        <source>You edit your question. Enter asks it, Esc leaves it as it was.</source>
        <translation>Die Frage wird bearbeitet. Enter stellt sie, Esc lässt sie, wie sie war.</translation>
    </message>
    <message>
        <source>Enter reads the file and asks about it.</source>
        <translation>Enter liest die Datei und fragt danach.</translation>
    </message>
    <message>
        <source>Enter reads the files and asks about them.</source>
        <translation>Enter liest die Dateien und fragt danach.</translation>
    </message>
    <message>
        <source>Enter remembers this. Write a question to ask about it.</source>
        <translation>Enter merkt sich das. Steht hier eine Frage, wird danach gefragt.</translation>
    </message>
    <message>
        <source>Enter remembers these {0}. Write a question to ask about them.</source>
        <translation>Enter merkt sich diese {0}. Steht hier eine Frage, wird danach gefragt.</translation>
    </message>
    <message>
        <source>Drop files here or on the tray icon to remember them.</source>
        <translation>Dateien hier oder auf dem Symbol im Infobereich ablegen, um sie zu merken.</translation>
    </message>
    <message>
        <source>p. {0}</source>
        <translation>S. {0}</translation>
    </message>
    <message>
        <source>No model: quotes only</source>
        <translation>Ohne Modell: nur Zitate</translation>
    </message>
    <message>
        <source>on another machine</source>
        <translation>auf einem anderen Rechner</translation>
    </message>
    <message>
        <source>is being loaded</source>
        <translation>wird geladen</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>geladen</translation>
    </message>
    <message>
        <source>answers just now</source>
        <translation>antwortet gerade</translation>
    </message>
    <message>
        <source>{0} tokens/s</source>
        <translation>{0} Token/s</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>This did not work; the log file says why ({}).</source>
        <translation>Das hat nicht geklappt; das Protokoll sagt, warum ({}).</translation>
    </message>
</context>
</TS>

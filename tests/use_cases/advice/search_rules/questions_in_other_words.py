"""Questions of our own in other words: written after the rules for constructions, then used for them."""

FAST = """
Who did Arsenal sign in the January transfer window?
Which Asian country has the largest military?
What was the closing value of the S&P 500?
How many gold medals does the United States have at the Paralympics?
Which artist is the most-streamed on Spotify and how many monthly listeners do they have?
Who is Taylor Swift's boyfriend?
How many Formula 1 world titles has Lewis Hamilton won, and which team does he drive for?
Who plays point guard for the Golden State Warriors?
Which Supreme Court justice was appointed most recently?
What was the magnitude of the latest earthquake in Turkey?
How many lives has the war in Gaza claimed?
How many days has the Israeli hostage crisis lasted?
Is the Large Hadron Collider running?
Is Boris Johnson a member of Parliament?
Is the Fed expected to cut rates?
What movie topped the box office last weekend?
Who topped the Forbes billionaires list?
Who is the top scorer in the Champions League?
Which book tops the New York Times best seller list?
Which country has won the most Eurovision Song Contests?
Which NBA team has the longest active playoff drought?
Who was most recently eliminated on The Masked Singer?
What's the record attendance for a women's football match?
Who holds the women's 1500 m world record?
How many Popes have there been?
How many presidents has the United States had?
How many Bond actors have there been?
How many space tourists have flown to the ISS?
What's the largest prime number known?
What is the most digits of pi ever computed?
What is the maximum amount you can contribute to a Roth IRA?
How much can I contribute to a 401k?
What is the top income tax rate in France?
How many weeks of paid parental leave does Spain offer?
What is the legal voting age in Austria?
Which states have legalized recreational marijuana?
Which countries use the euro?
Which countries still have the death penalty?
How many nuclear power plants does France operate?
Who has served the longest as UN Secretary-General?
Name the artist with the most Billboard number ones.
Tell me when Apple's next earnings call is.
Who's up next on the Hot Ones interview schedule?
where is the us open being played
when do the oscars air
who's playing in the nba finals
who won the ufc fight
mlb standings
does kim kardashian have a boyfriend
did the warriors win
Who is the manager of the club that finished second in La Liga last season?
In what city does the team that drafted Victor Wembanyama play?
What age is the current world chess champion and where was he born?
How many months are left until the next US midterm elections?
Who was the last winner of the Masters?
Who was the previous host of The Tonight Show before the current one?
What was the last thing SpaceX launched?
Which Pixar film came out last?
What was the result of the last Ashes series?
When was the last time it snowed in Miami?
When did Argentina last default on its debt?
How often does the ISS need to dodge debris these days?
What year did the most recent leap second occur?
What is the GDP growth of India for the past quarter?
How many people are unemployed in South Africa?
How many cars did Toyota sell last year?
How many households in Britain have a heat pump?
How many copies has Minecraft sold?
How tall is LeBron James's eldest son and what team is he on?
What's the name of the newest member of BTS's label?
""".strip().splitlines()

NEVER = """
Who was the last king of France?
Who was the last president of the Soviet Union?
Who was the last surviving signer of the Declaration of Independence?
What was the last song the Beatles recorded together?
What was Mozart's last opera?
Who was the next president after Abraham Lincoln?
Which wonder of the ancient world is still standing?
In which present-day country was Genghis Khan born?
What is the modern name of Constantinople?
What happened to the Library of Alexandria?
What happened at the Boston Tea Party?
Which battle is considered the turning point of the American Civil War?
Which US president has appeared on the ten-dollar bill?
Which president has a face on Mount Rushmore beside Lincoln?
Which planet has the most rings?
Which planet has a day longer than its year?
Which mammal has the longest pregnancy?
Which metal has the highest melting point?
Which gas has the lowest boiling point?
Which letter is the most common in English?
What is the highest rank in the British peerage?
What is the lowest female singing voice called?
What is the top number of a fraction called?
What is the best-known work of Miguel de Cervantes?
What is the longest play by Shakespeare?
Who are the three musketeers?
Who are the main characters in Pride and Prejudice?
Who is the author of the Harry Potter books?
Who is the villain in The Lion King?
Who is the husband of Lady Macbeth?
Who does Elizabeth Bennet marry?
Who kills Hector in the Iliad?
Who sings the title song in Goldfinger?
Who plays the piano in the scene at Rick's Cafe?
Where do Sherlock Holmes and Dr. Watson live?
What does Hester Prynne wear on her dress?
What does a barometer measure?
What does the heart pump?
What do bees make?
Which organ produces insulin?
Which vitamin does sunlight provide?
Which country gave the Statue of Liberty to the United States?
Which country borders both France and Portugal?
Which river flows through Baghdad?
Which strait separates Spain from Morocco?
Which two countries share the island of Hispaniola?
Which city is known as the Eternal City?
Which sea is the saltiest?
Which US state is the smallest by area?
Which company was founded by Bill Gates and Paul Allen?
Which band had a hit with Bohemian Rhapsody?
Which actor starred in Casablanca opposite Ingrid Bergman?
Which character holds the ring at the end of The Hobbit?
Which chemical element is named after Marie Curie?
Which holiday is celebrated on the fourth Thursday of November in the US?
Which side of the road do they drive on in Japan?
How many time zones does Russia have?
How many moons does Mars have?
How many daughters does King Lear have?
How many colors are in the rainbow?
How many players does a volleyball team have on the court?
How many countries border Germany?
How many people signed the Declaration of Independence?
How many people died on the Titanic?
How many continents are there?
How many degrees are in a right angle?
How much does the Earth weigh?
How old was Juliet in Romeo and Juliet?
How old is Stonehenge?
How long did Queen Victoria reign?
How long does it take light from the Sun to reach the Earth?
How long is a US presidential term?
When is Bastille Day?
When does a leap year occur?
When does the sun set at the equator?
Has Pluto always been a planet?
Is mercury a metal?
Is the Dead Sea a lake?
Is light faster than sound?
Are whales mammals?
Does sound travel faster in water than in air?
Does the Amazon flow into the Atlantic?
Do spiders have wings?
Can penguins fly?
Is it true that Napoleon was short?
What number is on a hockey player's back in Gretzky's case?
Why is the Leaning Tower of Pisa leaning?
What key is Beethoven's Symphony No. 5 in?
Who played James Bond in Goldfinger?
What type of government did ancient Athens have?
""".strip().splitlines()

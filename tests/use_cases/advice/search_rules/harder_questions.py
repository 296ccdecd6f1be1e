"""Harder questions of our own, chosen to mislead: nouns and tenses that point the wrong way."""

FAST = """
How many points has the leading scorer in the NBA accumulated this year?
Which team did the winner of the latest Ballon d'Or play for as a teenager?
What is the name of the person who runs the World Health Organization?
What is the largest city in Texas by population?
Which state has the highest gas prices?
How many Nobel Prizes has France won?
How many times has Serena Williams been married?
How many World Cup matches has Argentina lost?
Who has the most tackles in NFL history?
Who is the all-time leading rebounder in the NBA?
What is the highest-rated TV show on IMDb?
Which president of the United States has lived the longest?
Who is the oldest living former US president?
How many former US presidents are alive?
How many women are on the US Supreme Court?
What's the current number of Michelin stars held by Gordon Ramsay?
Which AI model has the largest context window?
What is the biggest IPO in history?
What is Tom Cruise's most recent film?
Who does Kylian Mbappe currently play for?
What is Lionel Messi's jersey number at his club?
How many seasons of Survivor have aired?
How many seasons does Grey's Anatomy have?
How many episodes of One Piece are there?
How many Pokemon are there?
How many Marvel movies are there?
How many countries are in the European Union?
How many kids does Elon Musk have?
What is the record for the most hot dogs eaten in 10 minutes?
Who has hit the most home runs in the American League?
What did Apple's stock close at?
How is the Dow Jones doing?
Which team has the best record in the NFL?
Who is playing in the Super Bowl?
Who won the Super Bowl?
Who won the World Series?
Who won the Champions League?
When is the Super Bowl?
What channel is the game on?
Who is on the cover of Time magazine?
What's on TV?
What is the top grossing film of the year?
In which country was the most recent FIFA World Cup winner's coach born?
How much money has Avatar made at the box office?
Which country won the most medals at the last Olympics?
Who replaced Tucker Carlson on Fox News?
What is the most common COVID variant in the US?
How many COVID-19 deaths have been reported in Italy?
What company does Satya Nadella run?
What does Meghan Markle do for a living?
Where does Prince Harry live?
Is Ukraine a member of NATO?
Is Bitcoin above 100,000 dollars?
How far is Voyager 1 from Earth?
Which spacecraft is the farthest from Earth?
What's the longest winning streak in the NHL?
Who is the longest-serving member of Congress?
Which country is the world's largest oil producer?
What is the most visited museum in the world?
Which university is ranked best in the world?
Which is the most popular programming language?
Does Apple sell a foldable phone?
Has anyone run a marathon in under two hours?
Have scientists found a cure for Alzheimer's?
How many moons of Saturn have been discovered?
How many electoral votes does California have?
What is Ohio's minimum wage?
What is the Fed's target interest rate?
When will humans land on Mars?
When does daylight saving time end?
What is the date of the next leap day?
What year will the next Summer Olympics be held?
How many years has Putin been president?
Which Premier League club spent the most money in the last transfer window?
What was Taylor Swift's last tour called?
Who was the last person to be executed in Texas?
What was the last country to join NATO?
What was the most recent country to adopt the euro?
Who was named Time's Person of the Year most recently?
Who got the most votes in the last Eurovision Song Contest?
How many medals does Norway have in Winter Olympics?
What is the highest mountain that has never been climbed?
Which golfer holds the course record at St Andrews?
Who is first in line to the British throne?
Which Kardashian is the richest?
Who has been nominated for the most Oscars without winning?
Who is Joe Rogan's most frequent guest?
How big is the US national debt?
How high is inflation in Argentina?
What is the fastest-growing religion?
How many calories should I eat per day now?
Which quarterback is questionable for Sunday?
Is the Suez Canal open?
Who's hosting Saturday Night Live this weekend?
What is the name of Rihanna's youngest son?
""".strip().splitlines()

NEVER = """
What is the name of the dog in the Wizard of Oz?
Which Beatle was the oldest?
What sport does Roger Federer play?
What position did Michael Jordan play?
Which country is home to the Taj Mahal?
What is the main ingredient of hummus?
What are the primary colors?
Is the Earth flat?
Are tomatoes vegetables?
Is Mount Everest the tallest mountain in the world?
Does a spider have eight legs?
Do penguins live in the Arctic?
Which ocean lies between Africa and Australia?
Who is the protagonist of The Great Gatsby?
Who is credited with inventing the light bulb?
Who is known as the father of computers?
Who is buried in Grant's Tomb?
Who is the patron saint of Ireland?
Who is the Greek god of war?
Who is the Roman goddess of love?
Who is the king of the gods in Norse mythology?
Who is Luke Skywalker's father?
Who is Bart Simpson's sister?
What is Batman's real name?
What is Superman's weakness?
What team did Babe Ruth play for most of his career?
How many seasons of Friends were made?
How many books are in the Old Testament?
How many rings are on the Olympic flag?
How many stars are on the US flag?
How many players are there on a soccer team?
How many cards are in a deck?
How many people were on the Titanic?
How many Shakespeare plays are tragedies?
How many children did Queen Victoria have?
How many times was Franklin Roosevelt elected president?
How many years did the Hundred Years' War last?
How long did World War I last?
How long is a marathon?
How far is the Moon from the Earth?
How deep is the Mariana Trench?
How high is the Eiffel Tower?
How tall is the Statue of Liberty?
What is the largest organ in the human body?
What is the second largest planet?
What is the most abundant gas in Earth's atmosphere?
What is the smallest country in the world?
What is the largest country in the world by area?
What is the deepest lake in the world?
What is the longest bone in the body?
What is the highest waterfall in the world?
What is the largest ocean?
What is the coldest place on Earth?
What is the oldest university in the world?
What is the longest word in English?
What is the most famous painting by Leonardo da Vinci?
Which Shakespeare play is the longest?
Which Harry Potter book is the longest?
What was the last book of the Harry Potter series?
What was the last Beatles album?
What was Elvis Presley's first hit single?
What was the fastest passenger plane ever built?
What is the date of Christmas?
When is Halloween celebrated?
When is Independence Day in the United States?
When did Steve Jobs die?
When did man first land on the Moon?
When was the last time Halley's Comet passed Earth in the 20th century?
What has four wheels and flies?
What has been called the cradle of civilization?
Which US state has the nickname The Lone Star State?
Which country has a maple leaf on its flag?
Which countries border Germany?
Which countries have won the World Cup before 1970?
Has the United States ever used nuclear weapons in war?
Who has the role of Neo in The Matrix?
What is the score in tennis after deuce?
What is the value of pi?
What is the price elasticity of demand?
What is inflation?
What is GDP?
What is a mortgage rate?
What is the role of the president in a republic?
What does the CEO of a company do?
What does the speaker of the House do?
How does a bill become law?
How is the president of the United States elected?
Who elects the pope?
What are the duties of a mayor?
What is the currency of Japan?
What is the official language of Brazil?
What is the national sport of Canada?
What is the main theme of 1984?
What year did 2001: A Space Odyssey come out?
Which artist released the album 1989?
Who wrote the novel Catch-22?
Which Bond film features the song Skyfall?
What movie won the Oscar for best picture in 2020?
Who won the Oscar for Best Actress in 2015?
Who was Time's Person of the Year in 2010?
Who was the NBA MVP for the 2015-16 season?
Which team won Super Bowl 50?
Who was the 16th president of the United States?
Who was president when the Civil War started?
Who won the women's singles at Wimbledon in 2019?
What were the top 10 songs of 1999?
What was the top song in 1975?
What country did Columbus sail from?
What type of beer is a lager, top-fermenting or bottom-fermenting?
What is the most widely accepted theory of the origin of the universe?
What type of animal is a Komodo dragon?
What family does the tiger belong to?
What is the name of the nearest galaxy to the Milky Way?
Whose face is on the five dollar bill?
Which artery carries blood to the brain?
What are the three branches of the US government?
In which city is the headquarters of the United Nations?
Where are the headquarters of Toyota?
Was Michael Jackson older than Prince?
Is Beyoncé older than Rihanna?
Was Einstein ever married?
Did any US president serve more than two terms?
Which two teams played in the 2005 Champions League final?
Before becoming an actor, what did Arnold Schwarzenegger do?
After whom is the month of July named?
What is the sum of the angles in a triangle?
If a train travels 60 miles in 1.5 hours, what is its average speed?
How many letters are there in the word banana?
What is the third letter of the alphabet?
What was the name of the first dog in space?
Which actor has played both Batman and Bruce Wayne's butler?
Who is the voice of Woody in Toy Story?
Who plays Walter White in Breaking Bad?
What is the title of the first Star Wars movie?
What network did Seinfeld air on?
Where do the characters of Friends live?
Which Disney princess has red hair?
""".strip().splitlines()

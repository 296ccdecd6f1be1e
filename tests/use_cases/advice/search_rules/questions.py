"""Questions of our own: what changes fast, and what never does. Written for these rules, by hand."""

FAST = """
Who is the CEO of Nestlé?
Who is the mayor of Toronto?
Who's the prime minister of Norway right now?
Which coach is in charge of the Brazilian national football team?
Who is the head coach of the Denver Nuggets?
Who owns the Chicago Cubs?
Who is the captain of the Indian cricket team?
Who is the richest woman in Europe?
Who is the youngest billionaire in the world?
What is the highest-grossing animated film of all time?
Which actor has won the most Emmy Awards?
How many goals has Erling Haaland scored in the Champions League?
How many albums has Adele released?
How many Grand Slam titles has Iga Swiatek won?
How many children does Nick Cannon have?
How old is Robert De Niro?
How old is the oldest living person?
What age is Greta Thunberg?
What is Warren Buffett's net worth?
What is the market cap of Nvidia?
What's the price of gold per ounce?
How much does a Netflix subscription cost?
How much is a ticket to Disneyland?
What is the exchange rate between the euro and the yen?
What is the population of Nigeria?
What is the unemployment rate in Spain?
What is the federal funds rate?
What is the most subscribed channel on YouTube?
Who is the most followed person on TikTok?
Which song has the most streams on Spotify?
What song is number one on the Billboard Hot 100?
Who is ranked number one in women's tennis?
Which team is top of the Bundesliga?
Who leads the NBA in scoring?
What are the standings in the American League East?
Did the Lakers win last night?
Who won the last Formula One race?
When did Germany last win the World Cup?
Who won the latest season of The Great British Bake Off?
When is the next solar eclipse visible from Australia?
When does the new season of Bridgerton come out?
When will the next James Bond film be released?
Who will host the next Winter Olympics?
How many days until Halloween?
How many days has it been since the last fatal commercial plane crash?
Is Jimmy Carter still alive?
Is Noam Chomsky alive?
Is Messi injured?
Is Tom Hardy married?
Who is Zendaya dating?
Who is Chris Martin's girlfriend?
Which club does Robert Lewandowski play for?
What team is James Harden on now?
What is Drake's latest album?
What is the newest Pixar movie?
What is the latest version of Python?
What is the most recent book by Stephen King?
Which country has the most Michelin-starred restaurants?
What is the tallest building in the world?
What is the longest-running Broadway show?
How many people live in Tokyo?
How many people have walked on the moon so far?
How many satellites are in orbit around Earth?
How many users does WhatsApp have?
How many followers does Selena Gomez have on Instagram?
How many employees does Amazon have?
How many countries have legalized same-sex marriage?
How many Starbucks stores are there worldwide?
How long has Xi Jinping been in power?
What is the weather in Lisbon?
Will it rain in Chicago tomorrow?
What time is it in Sydney?
What is the air quality in Delhi today?
What happened in the news this week?
Who is running for governor of Virginia?
Who won the most recent presidential election in Argentina?
What is the approval rating of the French president?
Who is leading the polls?
Has Rihanna released a new album?
Has a woman ever been president of Mexico?
What movies are playing in theaters?
What is the fastest supercomputer?
Who holds the world record in the men's marathon?
What is the most expensive painting ever sold?
Which company is the most valuable in the world?
What is the largest company by revenue?
Which airline carries the most passengers?
What is the best-selling electric car?
What's the minimum wage in Germany?
Is Twitter down?
Is cannabis legal in Thailand?
Where can I watch Succession?
What is the reigning champion of the Rugby World Cup?
Who is the current holder of the America's Cup?
What is the cheapest iPhone that Apple sells?
Which team has made the most appearances in the Super Bowl?
What was the score of the last game between Real Madrid and Barcelona?
Who did Manchester United play in their most recent match?
How much did the most recent Mission: Impossible movie make in its opening weekend?
When is Easter this year?
What are the top 5 songs on Apple Music?
How many hurricanes have made landfall in Florida this season?
What is the inflation rate in Turkey?
Does Elon Musk have more followers than Barack Obama?
How many wins does Lewis Hamilton have?
Who is the oldest active player in Major League Baseball?
When was the last time the Cleveland Browns won a playoff game?
What is LeBron James' career points total?
""".strip().splitlines()

NEVER = """
Who painted the Night Watch?
Who wrote Crime and Punishment?
Who invented the telephone?
What is the capital of Mongolia?
What is the chemical symbol for silver?
What is the boiling point of water?
How many bones are in the human body?
How many legs does a spider have?
How many planets are in the solar system?
What is the largest planet in the solar system?
What is the longest river in Africa?
What is the tallest mountain in South America?
What is the fastest land animal?
What is the smallest prime number?
What is the hardest natural substance on Earth?
What is the closest star to the Sun?
Who was the first woman to win a Nobel Prize?
Who was the first president of Indonesia?
Who was the first person to climb Mount Everest?
Which country hosted the first modern Olympic Games?
In what year did the Berlin Wall fall?
When did the Titanic sink?
When was Ludwig van Beethoven born?
When was Google founded?
When was the Eiffel Tower completed?
Where was Napoleon born?
Where is Machu Picchu located?
Who won the FIFA World Cup in 1998?
Who won the 2012 United States presidential election?
Which film won Best Picture at the 1994 Academy Awards?
How many medals did Michael Phelps win at the 2008 Olympics?
Who was the British prime minister during World War II?
What was the most popular song of 1985?
What was the population of London in 1801?
How much did a gallon of gas cost in 1970?
How old was Mozart when he died?
How old was John F. Kennedy when he became president?
Who directed Pulp Fiction?
Who played the Joker in The Dark Knight?
Who sang Yesterday first?
What band released the album Abbey Road?
What is the name of Harry Potter's owl?
Who is the main character in Moby-Dick?
Who is the author of The Name of the Rose?
Who is the founder of Microsoft?
What is the plot of Hamlet?
What does NASA stand for?
What does the word ubiquitous mean?
What is photosynthesis?
What is a black hole?
What is the difference between a virus and a bacterium?
How do vaccines work?
Why is the sky blue?
What is 15% of 240?
What is 12 times 12?
What is the square root of 144?
How many feet are in a mile?
How many grams are in a kilogram?
What is the derivative of x squared?
Which is larger, the Pacific or the Atlantic Ocean?
Is a tomato a fruit?
Is Pluto a planet?
Is the Nile in Africa?
Did Einstein win a Nobel Prize?
Did Shakespeare write Faust?
Was Cleopatra Egyptian?
Which Roman emperor built a wall across Britain?
Which US president signed the Emancipation Proclamation?
Which element has the atomic number 26?
Which planet is closest to the Sun?
What language do people speak in Brazil?
What year did the French Revolution begin?
What ancient city stood in what is now Iraq?
What was the original name of Istanbul?
What company developed the first iPhone?
What is the speed of light?
What is the distance from the Earth to the Moon?
What is electric current?
What is the unit of current?
Who killed Abraham Lincoln?
Who succeeded Elizabeth I of England?
Who discovered penicillin?
What is the first element of the periodic table?
What is the third book of the Bible?
What is the last letter of the Greek alphabet?
Who was the last emperor of China?
Which came first, Facebook or Twitter?
Which of the Brontë sisters was the youngest?
Who is the father of Alexander the Great?
What is the name of the highest peak in the Alps?
How many players are on a baseball team?
How many sides does a hexagon have?
How many strings does a violin have?
How many Harry Potter books did J. K. Rowling write?
How many wives did Henry VIII have?
How many symphonies did Beethoven compose?
How tall is Mount Kilimanjaro?
What color do you get when you mix blue and yellow?
What rank did Eisenhower hold in the army?
What are the rules of chess castling?
What instrument did Miles Davis play?
What is the highest score possible in a game of bowling?
Who starred in the movie The Last Samurai?
Which actress played the lead role in the 2001 film Amélie?
What university did Angela Merkel attend?
What is the middle name of Barack Obama?
Who ordered the construction of the Taj Mahal?
What was the score of the final of the 2014 World Cup?
Who designed the Sydney Opera House?
Which team won the first Super Bowl?
What did Alexander Fleming discover?
""".strip().splitlines()

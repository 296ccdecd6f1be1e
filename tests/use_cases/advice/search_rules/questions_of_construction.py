"""Questions of our own by construction: clauses, orders, counts, holders, ties, schedules, ranks.

Written in one go without trying them, so as to see which constructions the rules had not met.
"""

FAST = """
Name the tallest skyscraper in the world
name the top three teams in the Eastern Conference
Name every driver on the Ferrari Formula One team
List the members of the Federal Reserve Board
Give me the score of the Yankees game
Tell me the name of the Archbishop of Canterbury
tell me how many people live in Shanghai
Find out who manages Real Madrid
who is the prime minister of japan
population of lagos
weather in Oslo
net worth of mark zuckerberg
tesla share price
Has Serena Williams ever won the calendar Grand Slam, and how many majors does she have?
Has any team ever gone unbeaten through a Premier League season more than once?
Has Norway ever qualified for the knockout stage of a men's World Cup?
Has the Riemann hypothesis been proved?
Has anyone beaten Usain Bolt's time in the 100 meters?
Have the Detroit Lions ever won a Super Bowl?
How many hat-tricks does Harry Kane have in the Premier League?
How many double-doubles does Anthony Davis have?
How many Olympic golds does Katie Ledecky hold?
How many No. 1 singles does Mariah Carey have?
How many starred restaurants does Alain Ducasse run?
How many bills are in circulation with the Queen's portrait?
How many species of frogs are known to science?
How many Starlink launches took place in the last month?
What is the total number of confirmed planets outside the solar system?
What number of teams compete in Major League Soccer?
How many streaming services does Disney own?
How large is the Indian army?
How big is the fleet of Emirates?
How much does Cristiano Ronaldo earn a week?
How tall is the tallest roller coaster in the world?
How far has the Perseverance rover driven on Mars?
How fast is the fastest production car?
How long is the longest suspension bridge?
What is the longest tunnel in the world?
Which ship is the largest cruise ship afloat?
Which airport handles the most passengers?
Which stadium has the largest seating capacity in South America?
What is the heaviest aircraft in service?
Which country launched the most rockets last year?
Is Nvidia worth more than Apple?
Does China have more billionaires than the United States?
Who has more Grammys, Taylor Swift or Adele?
Which is more populous, Delhi or Tokyo?
Are there more Android or iPhone users?
Who has scored more international goals, Messi or Ronaldo?
Who is married to Scarlett Johansson?
Who is Harry Styles going out with?
Who manages the pop group Blackpink?
Who sits on the throne of Denmark?
Who serves as Secretary-General of NATO?
Who holds the office of Lord Mayor of London?
Who heads the European Commission?
Which party governs Portugal?
Which party controls the US Senate?
Which company owns the Washington Post?
Which network carries Monday Night Football?
Which players are in the squad of the Spanish national team?
Which driver sits second in the championship?
Who's at the top of the Serie A table?
Who's the favorite for the Oscar for best picture?
Where does Finland rank in the World Happiness Report?
At what position is Croatia in the FIFA world ranking?
When is the Super Bowl halftime show taking place?
What time does the Liverpool game kick off?
On which date do schools in Bavaria go back?
When do the nominations for the Golden Globes come out?
In which city are the Winter Olympics being held after Milan?
What season of The Voice is airing?
How many seasons is The Simpsons into its run?
Is season four of The White Lotus out?
Is the Colosseum open on Mondays?
Is Shakira on tour?
Is the government of Israel a coalition, and which parties are in it?
If I fly to Bali tomorrow, what visa do I need as a German citizen?
I have 500 euros to spend and want a phone with a good camera, so which one is best?
Considering the injuries they have had, who starts at quarterback for the Jets, and who is the backup?
Since he took over from Jürgen Klopp, how many matches has Arne Slot lost?
Of the five largest banks in Europe, which has the highest market value, and who is its chief executive?
My grandmother asked who sings the song that is at number one in Ireland
The company that makes Ozempic: what is it worth?
""".strip().splitlines()

NEVER = """
Name the inventor of the steam engine
name the three primary colors of light
Name the four houses at Hogwarts
Name the river that runs through Cairo
List the noble gases
List the wives of Henry VIII in order
Give me the formula for the area of a circle
Tell me the name of the ship Darwin sailed on
tell me how many chambers the heart has
Find the value of x if 2x equals 10
who wrote the odyssey
capital of peru
author of the old man and the sea
year the first world war started
chemical formula of table salt
Has a woman ever been pope, according to legend?
Has Brazil ever been a kingdom?
Has the Moon ever had an atmosphere?
Has there ever been a World War fought in Antarctica?
Did the Beatles ever play in Japan?
Did anyone ever survive a fall from the Golden Gate Bridge in the 1970s?
How many times did Muhammad Ali fight Joe Frazier?
How many points is a touchdown worth?
How many goals did Pelé score in World Cups?
How many Oscars did Titanic win?
How many lines does a sonnet have?
How many chapters does the Book of Genesis have?
How many keys does a piano have?
How many acts are in Macbeth?
How many states made up the original United States?
How many stomachs does a cow have?
How many innings are in a baseball game?
How many of Henry VIII's wives were named Catherine?
What number of players does a rugby league side have?
How large is a standard tennis court?
How big is the planet Jupiter?
How much does a liter of water weigh?
How tall was Napoleon?
How far is the Sun from the Earth?
How fast does light travel?
How long is the Great Wall of China?
What was the tallest building in the world before the Burj Khalifa was finished?
Which ship was the largest afloat in 1912?
Which tower did Gustave Eiffel's company build in Paris?
What was the longest bridge in the world when it opened in 1937?
What is the oldest pyramid in Egypt?
Is Jupiter bigger than Saturn?
Does an octopus have more arms than a squid?
Who was older, Lennon or McCartney?
Which is longer, the Nile or the Danube?
Are there more bones in the hand or in the foot?
Who scored more goals at the 1970 World Cup, Pelé or Gerd Müller?
Who was married to Marie Antoinette?
Who is Hamlet in love with?
Who managed the Beatles?
Who sat on the English throne in 1600?
Who served as Secretary-General of the League of Nations in the 1920s?
Who held the office of president during the Cuban Missile Crisis?
Who is the mother of Zeus?
Which party did Abraham Lincoln belong to?
Which company published the first edition of Dungeons and Dragons?
Which studio produced Gone with the Wind?
Which players made up the original Dream Team?
Which driver died at Imola in 1994?
Who was at the top of the charts when John Lennon died?
Who won the first Tour de France?
Where does the story of Don Quixote take place?
At what temperature does paper burn?
When is the summer solstice in the southern hemisphere?
What time of day does Cinderella's carriage turn into a pumpkin?
On which date do the French celebrate the storming of the Bastille?
When did the last Apollo mission return to Earth?
In which city were the Summer Olympics held after Seoul?
What season follows winter?
How many seasons of Breaking Bad were there?
In which season of The Office did Michael Scott leave?
Is the Colosseum older than the Parthenon?
Is Latin a Romance language?
Is the novel Emma by Jane Austen, and in which town is it set?
If I drop a stone from ten meters, how long does it take to reach the ground?
I have three apples and eat one, so how many are left?
Considering that he was deaf by then, how did Beethoven conduct the premiere of his Ninth Symphony, and in which city?
Since he could not swim, how did Shelley die, and where was he buried?
Of the four Gospels, which is the shortest, and who is said to have written it?
My grandmother asked who sang the song Lili Marleen during the war
The scientist who discovered radium: where was she born?
Before it was renamed, what was the city of Saint Petersburg called between 1924 and 1991?
Which sea separates Italy from Croatia, and which rivers flow into it?
Explain why the sky turns red at sunset
In chess, can a king ever capture a queen?
""".strip().splitlines()

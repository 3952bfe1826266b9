"""Invented people: names are drawn apart from one another and belong together to nobody."""

# fmt: off
NOMS = (
    "Aubry", "Barthélemy", "Béranger", "Bérenger", "Besançon", "Blondel", "Boissière", "Bonnefoy",
    "Bréchet", "Brûlé", "Carlier", "Castaing", "Chaléat", "Chassaing", "Chénier",
    "Clairet-Roy", "Collinet", "Coquelin", "Cormier", "Courbet", "Crépin", "D’Aubigné",
    "D’Hervé", "Daguerre", "Dautry", "De La Forêt", "Delaître", "Delorme", "Desbois", "Desprès",
    "Dubreuil", "Ducœur", "Dufrêne", "Duhamel", "Du Plessis", "Durieux", "Échard", "Estève",
    "Évrard", "Farge", "Faÿ", "Féret", "Ferrière", "Fontanel", "Fougère", "Frémont", "Gaillard",
    "Garraud", "Gâtineau", "Gérard", "Giraudet", "Gosselin", "Grandjean", "Grésy", "Guérin",
    "Guilloux", "Hébrard", "Hénaff", "Hérault", "Houdelette", "Huguenin", "Jacquemin", "Jobert",
    "Josserand", "Kérisit", "L’Hostis", "L’Huillier", "La Bruère", "Labbé", "Lachâtre", "Laîné",
    "Lallemand", "Lamarque", "Langevin", "Laurençot", "Le Bihan", "Le Guen", "Lebœuf", "Lefèvre",
    "Lemaître", "Lenôtre", "Lévêque", "Loiseau", "Maçon", "Maître-Jean", "Malherbe", "Marchais",
    "Maréchal", "Mérieux", "Mesnard", "Moncœur", "Montagnier", "Morvan", "Naudin", "Nédélec",
    "Nguyễn", "Noël", "Ogier", "Oliveira", "Pâris", "Pélissier", "Perrault", "Pérès", "Pichon",
    "Poirée", "Prévôt", "Quéméner", "Quinault", "Rabaté", "Rémy", "Renaudin", "Rivière",
    "Rœderer", "Rossignol", "Rouvière", "Saint-Aubin", "Saint-Léger", "Sénéchal", "Séverac",
    "Taillefer", "Texier", "Thévenet", "Tisserand", "Touré", "Trémoulet", "Urbain", "Vaillant",
    "Valmorin", "Vautrin", "Verdier", "Vigneron", "Villiers", "Wagner", "Ybert", "Zanetti",
)
PRENOMS_F = (
    "Jeanne", "Marcelle", "Simone", "Yvonne", "Denise", "Madeleine", "Germaine", "Lucienne",
    "Odette", "Paulette", "Andrée", "Jacqueline", "Monique", "Colette", "Renée", "Thérèse",
    "Hélène", "Geneviève", "Solange", "Micheline", "Éliane", "Josette", "Huguette", "Raymonde",
    "Gilberte", "Marie-Thérèse", "Marie-Louise", "Anne-Marie", "Françoise", "Nicole", "Léa",
    "Zoé", "Édith", "Élise", "Noémie", "Béatrice", "Aïcha", "Fátima", "Rosa", "Ginette", "Gisèle",
    "Arlette", "Ludivine", "Édmée", "Bérengère",
)
PRENOMS_M = (
    "André", "Jean", "Marcel", "René", "Roger", "Georges", "Maurice", "Raymond", "Henri",
    "Lucien", "Gaston", "Fernand", "Émile", "Étienne", "François", "Gérard", "Rémi",
    "Jean-Baptiste", "Jean-Marie", "Pierre-Yves", "Noël", "Joël", "Félix", "Léon", "Édouard",
    "Théodore", "Aimé", "Désiré", "Irénée", "Barnabé", "Honoré", "Mohamed", "Antonio", "Giovanni",
    "Stéphane", "Hervé",
)
VOIES = (
    "rue des Lilas", "rue de l’Église", "chemin du Lavoir", "impasse des Mésanges",
    "place de la Halle", "route d’Ombelle", "allée des Tilleuls", "rue du Four-Banal",
    "avenue de la Gare", "chemin des Écoliers", "rue Basse",
    "résidence Les Glycines, bâtiment B, rue du Stade",
)
PRESTATAIRES = (
    "Présence à domicile", "Les Mains du Val", "Aide et Soutien d’Ombelle", "Bien chez soi",
    "Le Relais des aînés", "Entraide de la Brève", "À vos côtés Services",
    "Familles et Autonomie", "La Clé des jours", "Domicile Confort Nord", "Domicile Confort Sud",
    "L’Appui quotidien",
)
# fmt: on

COMMUNES = (
    ("01901", "Saint-Aubin-les-Prés"),
    ("01901", "Val-d’Ombelle"),
    ("01902", "Montfleury"),
    ("01902", "La Ferté-aux-Saules"),
    ("01903", "Bourg-Chênaie"),
    ("01903", "L’Étang-Vieux"),
    ("01904", "Pré-Noël"),
    ("01904", "Villeneuve-sur-Brève"),
    ("01905", "Sainte-Églantine"),
    ("01905", "Font-Claire"),
)

LIENS = ("fille", "fils", "conjoint", "conjointe", "nièce", "neveu", "voisine", "sœur", "frère")
ORGANISMES_TUTELAIRES = (
    "Association tutélaire de l’Ombelle",
    "Service mandataire Val-Protection",
)

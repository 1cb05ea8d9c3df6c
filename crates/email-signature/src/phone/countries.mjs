// Prints `countries.txt`: the names of countries from CLDR, which Node has with it. Run: `node countries.mjs > countries.txt`.

const LANGUAGES = (
  "af am ar as az be bg bn bs ca cs cy da de de-AT de-CH el en en-GB es es-MX et eu fa fi fil fo fr fr-CA ga gd gl gu ha he hi hr hu hy " +
  "id ig is it ja jv ka kk km kn ko ku ky lb lo lt lv mg mk ml mn mr ms mt my nb ne nl nn or pa pl ps pt pt-PT ro ru rw sd si sk sl " +
  "so sq sr sr-Latn sv sw ta te tg th tk tr ug uk ur uz vi xh yo zh zh-Hant zh-HK zu"
).split(" ");

/** Codes that are no country with telephones of its own. */
const OTHER = new Set("AC AN AQ BU BV CP CQ CS CT DD DG DY EA EU EZ FQ FX GS HM HV IC JT MI NH NQ NT PC PU PZ QO RH SU TA TF TP UK UM UN VD WK XA XB YD YU ZR ZZ".split(" "));

/** The two codes of each country in ISO 3166-1, one after the other. */
const ALPHA_3 = (
  "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN " +
  "BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI " +
  "CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA " +
  "GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN " +
  "IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ " +
  "LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ " +
  "MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF " +
  "PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN " +
  "SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR " +
  "TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE XKXKX"
).split(" ");

/** As `fold` in `country.rs`. */
function fold(text) {
  const plain = text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g, "").normalize("NFC");
  const letters = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", ı: "i", ς: "σ" };
  return plain.replace(/[ßæœøłđðıς]/g, (letter) => letters[letter]).replace(/[\s!-/:-@[-`{-~«»·،\u2000-\u206f\u3000-\u303f\uff08\uff09]/g, "");
}

const names = new Map();
for (const language of LANGUAGES) {
  for (const style of ["long", "short"]) {
    const display = new Intl.DisplayNames([language], { type: "region", style, fallback: "none" });
    for (let one = 0; one < 26 * 26; one += 1) {
      const code = String.fromCharCode(65 + Math.floor(one / 26), 65 + (one % 26));
      const name = OTHER.has(code) ? undefined : display.of(code);
      if (!name || fold(name).length < 2) continue;
      const of = names.get(fold(name)) ?? new Set();
      names.set(fold(name), of.add(code));
    }
  }
}
const countries = new Map();
for (const [name, codes] of names) {
  // A name of two countries says nothing.
  if (codes.size === 1) for (const code of codes) countries.set(code, [...(countries.get(code) ?? []), name]);
}
for (const codes of ALPHA_3) countries.get(codes.slice(0, 2))?.push(codes.slice(2).toLowerCase());
console.log(`# Names of countries in ${LANGUAGES.length} languages, folded, from CLDR ${process.versions.cldr} (Unicode License v3, © Unicode, Inc.).`);
console.log("# Made by `countries.mjs`.");
for (const [code, all] of [...countries].sort()) console.log(`${code}\t${all.sort().join("\t")}`);

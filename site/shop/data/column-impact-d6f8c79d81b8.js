(window.fftData??={})["column-impact"]=JSON.parse('[]');
